using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Watching;

/// <summary>One event of a watch, before it gets its outer form (object, table row).</summary>
/// <param name="Stored">The object; null for bookmarks and errors, which have their <paramref name="Body"/> only.</param>
/// <param name="Renewed">As in <see cref="WatchEvent"/>.</param>
internal readonly record struct WatchStep(WatchEventType Type, StoredObject? Stored, ReadOnlyMemory<byte> Body, StoreChange? Renewed = null);

/// <summary>Turns the store's changes into a client's events: selectors applied, bookmarks added.</summary>
internal sealed class WatchSource(IObjectStore store, SimulationContext simulation)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);

    /// <exception cref="StatusException">The request itself is bad; nothing has been sent yet.</exception>
    public IAsyncEnumerable<WatchStep> Open(RequestScope scope, WatchRequest request, CancellationToken cancellationToken)
    {
        var selection = Selection.Parse(scope, request.LabelSelector, request.FieldSelector);
        var after = ObjectReader.ParseRevision(request.ResourceVersion);
        return RunAsync(scope, request, selection, after, cancellationToken);
    }

    private async IAsyncEnumerable<WatchStep> RunAsync(
        RequestScope scope, WatchRequest request, Selection selection, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ns = request.Namespace.Length == 0 ? null : request.Namespace;
        long position;
        if (request.SendInitialEvents || after is null or 0)
        {
            var snapshot = store.Snapshot;
            position = snapshot.Revision;
            foreach (var stored in selection.In(snapshot, scope.Definition.Storage, ns)) yield return new WatchStep(WatchEventType.Added, stored, scope.Encode(stored));
            if (request.SendInitialEvents && request.AllowBookmarks) yield return Bookmark(scope, position, initialEventsEnd: true);
        }
        else position = after.Value;

        IStoreWatch watch;
        WatchStep? failure = null;
        try
        {
            watch = store.Watch(scope.Definition.Storage, ns, position, selection.Only);
        }
        catch (RevisionCompactedException compacted)
        {
            failure = Expired(compacted);
            watch = null!;
        }
        if (failure is { } refused)
        {
            yield return refused;
            yield break;
        }

        // What is served in another way from now on is to be watched anew.
        var superseded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var supersession = scope.Definition.Superseded.Register(() => superseded.TrySetResult());
        using (watch)
        {
            // Who is to hear of nothing but changes waits for nothing else.
            var hearsMore = request.AllowBookmarks || scope.Definition.Superseded.CanBeCanceled;
            var next = hearsMore ? watch.ReadAsync(cancellationToken).AsTask() : null;
            var bookmark = request.AllowBookmarks ? Task.Delay(BookmarkPeriod, simulation.Clock, cancellationToken) : null;
            while (true)
            {
                if (next is not null && bookmark is not null && (bookmark.IsCompleted || await Task.WhenAny(next, superseded.Task, bookmark) == bookmark) && !next.IsCompleted)
                {
                    await bookmark;
                    yield return Bookmark(scope, watch.Position, initialEventsEnd: false);
                    bookmark = Task.Delay(BookmarkPeriod, simulation.Clock, cancellationToken);
                    continue;
                }
                if (next is not null && scope.Definition.Superseded.CanBeCanceled && !next.IsCompleted)
                {
                    var first = bookmark is null ? await Task.WhenAny(next, superseded.Task) : await Task.WhenAny(next, superseded.Task, bookmark);
                    if (first == superseded.Task && !next.IsCompleted) yield break;
                    if (first != next && !next.IsCompleted) continue;
                }
                IReadOnlyList<StoreChange> changes = [];
                try
                {
                    // Passed on at once: who asked for the event goes on where it belongs.
                    changes = next is null ? await watch.ReadAsync(cancellationToken).ConfigureAwait(false) : await next;
                }
                catch (RevisionCompactedException compacted)
                {
                    failure = Expired(compacted);
                }
                if (failure is { } ended)
                {
                    yield return ended;
                    yield break;
                }
                for (var i = 0; i < changes.Count; i++)
                {
                    if (Translate(scope, selection, changes[i]) is { } step) yield return step;
                }
                if (hearsMore) next = watch.ReadAsync(cancellationToken).AsTask();
            }
        }
    }

    /// <summary>What a change is to someone who sees only what the selectors let through.</summary>
    private static WatchStep? Translate(RequestScope scope, Selection selection, StoreChange change)
    {
        var before = change.Previous is { } previous && selection.Matches(previous) ? previous : null;
        var after = change.Current is { } current && selection.Matches(current) ? current : null;
        if (after is not null)
        {
            var isRenewed = before is not null && after.Renewal is not null && scope.Version.Converter is null;
            return new WatchStep(before is null ? WatchEventType.Added : WatchEventType.Modified, after, scope.Encode(after), isRenewed ? change : null);
        }
        if (before is null) return null;
        return new WatchStep(WatchEventType.Deleted, change.Left, scope.Encode(change.Left));
    }

    private static WatchStep Bookmark(RequestScope scope, long revision, bool initialEventsEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEventsEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        var body = new JsonObject { ["kind"] = scope.Definition.Kind, ["apiVersion"] = scope.ApiVersion, ["metadata"] = metadata };
        return new WatchStep(WatchEventType.Bookmark, null, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(body, JsonDocuments.CompactJson));
    }

    /// <summary>A watch that is not to be had.</summary>
    public static async IAsyncEnumerable<WatchStep> Refused(StatusException refusal)
    {
        await Task.CompletedTask;
        yield return new WatchStep(WatchEventType.Error, null, refusal.ToStatus());
    }

    private static WatchStep Expired(RevisionCompactedException compacted) =>
        new(WatchEventType.Error, null, StatusException.Expired(compacted.Message).ToStatus());
}
