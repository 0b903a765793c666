using System.Globalization;
using ActorCluster.Api;
using ActorCluster.Api.Errors;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Gets and lists, from one snapshot each.</summary>
/// <param name="computed">Who makes the objects of a resource that is not stored.</param>
internal sealed class ObjectReader(IObjectStore store, Func<ResourceName, IComputedObjects> computed, PagedStates states)
{
    private const string OldRevision = "The resourceVersion for the provided list is too old.";
    private const string OldToken =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve "
        + "the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned "
        + "and now may show up in the list.";

    /// <exception cref="StatusException">404, or a resourceVersion from the future.</exception>
    public StoredObject Get(RequestScope scope)
    {
        var snapshot = store.Snapshot;
        CheckRevision(scope.Options.ResourceVersion, snapshot.Revision);
        return (scope.Definition.IsComputed ? computed(scope.Definition.Name).Get(snapshot, scope.Key) : snapshot.Get(scope.Key)) ?? throw scope.NotFound();
    }

    /// <exception cref="StatusException">A bad selector, token or resourceVersion.</exception>
    public ObjectList List(RequestScope scope)
    {
        var options = scope.Options;
        var selection = Selection.Parse(scope, options.LabelSelector, options.FieldSelector);
        var snapshot = store.Snapshot;
        var ns = scope.Request.Namespace.Length == 0 ? null : scope.Request.Namespace;
        states.Expire();
        CheckMatch(scope, snapshot.Revision);
        if (options.ResourceVersionMatch == "Exact") snapshot = states.Find(ParseRevision(options.ResourceVersion)!.Value, snapshot) ?? throw StatusException.Expired(OldRevision);

        ObjectKey? after = null;
        if (!string.IsNullOrEmpty(options.Continue))
        {
            if (!string.IsNullOrEmpty(options.ResourceVersion) && options.ResourceVersion != "0")
            {
                throw StatusException.BadRequest("specifying resource version is not allowed when using continue");
            }
            var token = ContinueToken.Parse(options.Continue);
            if (token.Revision != ContinueToken.Newest)
            {
                snapshot = states.Find(token.Revision, snapshot) ?? throw StatusException.Expired(OldToken, (token with { Revision = ContinueToken.Newest }).ToString());
            }
            after = new ObjectKey(scope.Definition.Storage, token.Namespace, token.Name);
        }
        var revision = snapshot.Revision;

        if (ns is not null && after is null && !scope.Definition.IsComputed && selection.Name is not null)
            return new ObjectList(scope, [.. selection.In(snapshot, scope.Definition.Storage, ns)], revision, "", null);

        var limit = options.Limit is > 0 and var most ? most : int.MaxValue;
        var items = new List<StoredObject>(selection.IsEverything ? Math.Min(limit, snapshot.Count(scope.Definition.Storage, ns)) : 16);
        var skipped = 0L;
        foreach (var stored in scope.Definition.IsComputed
            ? computed(scope.Definition.Name).List(snapshot, scope.Definition.Name, ns, after, selection.Matches)
            : snapshot.List(scope.Definition.Storage, ns, after).Where(selection.Matches))
        {
            if (items.Count < limit) items.Add(stored);
            else if (skipped++ == 0 && !selection.IsEverything) break;
        }
        if (skipped == 0) return new ObjectList(scope, items, revision, "", null);
        states.Keep(snapshot);
        var last = items[^1].Key;
        return new ObjectList(scope, items, revision, new ContinueToken(revision, last.Namespace, last.Name).ToString(), selection.IsEverything ? skipped : null);
    }

    /// <summary>Reads a resourceVersion; null for none.</summary>
    public static long? ParseRevision(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw StatusException.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private static void CheckRevision(string? text, long current)
    {
        if (ParseRevision(text) is { } asked && asked > current) throw StatusException.TooLargeResourceVersion(asked, current);
    }

    private static void CheckMatch(RequestScope scope, long current)
    {
        var options = scope.Options;
        CheckRevision(options.ResourceVersion, current);
        if (string.IsNullOrEmpty(options.ResourceVersionMatch)) return;
        var errors = new FieldErrors();
        if (string.IsNullOrEmpty(options.ResourceVersion)) errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (!string.IsNullOrEmpty(options.Continue)) errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        if (options.ResourceVersionMatch is not ("Exact" or "NotOlderThan")) errors.NotSupported("resourceVersionMatch", options.ResourceVersionMatch, "Exact", "NotOlderThan", "");
        if (options is { ResourceVersionMatch: "Exact", ResourceVersion: "0" }) errors.Forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        if (errors.Count > 0) throw StatusException.Invalid("meta.k8s.io", "ListOptions", "", errors);
    }
}
