using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.CustomResources;

/// <summary>Which names a custom resource definition gets, and whether it is established (apiextensions-apiserver/pkg/controller/{status,establish,apiapproval}). Pure.</summary>
public static class DefinitionNames
{
    private const string ApprovalAnnotation = "api-approved.kubernetes.io";

    /// <summary>Brings a definition's status up to date, in place.</summary>
    /// <param name="others">The accepted names of the other definitions of its group.</param>
    /// <param name="now">RFC 3339.</param>
    /// <returns>Whether something changed.</returns>
    public static bool Update(JsonObject crd, IEnumerable<JsonObject> others, string now)
    {
        ArgumentNullException.ThrowIfNull(crd);
        var before = crd["status"]?.DeepClone();
        var wanted = crd.At("spec", "names") as JsonObject ?? [];
        var accepted = crd.Ensure("status").Ensure("acceptedNames");
        var used = others.ToList();
        var resources = used.SelectMany(n => n.GetStrings("shortNames").Append(n.GetString("plural")).Append(n.GetString("singular"))).ToHashSet();
        var kinds = used.SelectMany(n => (string?[])[n.GetString("kind"), n.GetString("listKind")]).ToHashSet();
        (string Reason, string Message)? conflict = null;

        Accept("plural", resources, "PluralConflict");
        Accept("singular", resources, "SingularConflict");
        var taken = wanted.GetStrings("shortNames").Except(accepted.GetStrings("shortNames")).Where(resources.Contains).Select(InUse).ToList();
        if (taken.Count > 0) conflict = ("ShortNamesConflict", taken.Count == 1 ? taken[0] : $"[{string.Join(", ", taken)}]");
        else accepted.Put("shortNames", wanted["shortNames"]?.DeepClone());
        Accept("kind", kinds, "KindConflict");
        Accept("listKind", kinds, "ListKindConflict");
        accepted.Put("categories", wanted["categories"]?.DeepClone());

        DefinitionConditions.Set(crd, "NamesAccepted", conflict is null, conflict?.Reason ?? "NoConflicts", conflict?.Message ?? "no conflicts found", now);
        // Once established it stays so, whatever names are asked for later.
        if (conflict is null && !DefinitionConditions.IsTrue(crd, "Established")) DefinitionConditions.Set(crd, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now);
        else if (!DefinitionConditions.IsTrue(crd, "Established")) DefinitionConditions.Set(crd, "Established", false, "NotAccepted", "not all names are accepted", now);
        if (Approval(crd) is { } approval) DefinitionConditions.Set(crd, "KubernetesAPIApprovalPolicyConformant", approval.Status, approval.Reason, approval.Message, now);
        return !before.SameAs(crd["status"]);

        void Accept(string field, HashSet<string?> names, string reason)
        {
            var name = wanted.GetString(field);
            if (name != accepted.GetString(field) && names.Contains(name)) conflict = (reason, InUse(name!));
            else accepted.Put(field, name is null ? null : JsonValue.Create(name));
        }
    }

    /// <summary>Groups of the Kubernetes project need somebody's word (apihelpers.GetAPIApprovalState).</summary>
    /// <returns>Null for all other groups.</returns>
    internal static (bool Status, string Reason, string Message)? Approval(JsonObject crd)
    {
        const string link = "see https://github.com/kubernetes/enhancements/pull/1111";
        var group = crd.TextAt("spec", "group") ?? "";
        if (group is not ("k8s.io" or "kubernetes.io") && !group.EndsWith(".k8s.io", StringComparison.Ordinal) && !group.EndsWith(".kubernetes.io", StringComparison.Ordinal)) return null;
        var annotation = crd.TextAt("metadata", "annotations", ApprovalAnnotation) ?? "";
        if (annotation.Length == 0) return (false, "MissingAnnotation", $"protected groups must have approval annotation \"{ApprovalAnnotation}\", {link}");
        if (annotation.StartsWith("unapproved", StringComparison.Ordinal)) return (false, "UnapprovedAnnotation", $"not approved: {FieldError.GoQuote(annotation)}");
        return Uri.TryCreate(annotation, UriKind.Absolute, out var url) && url.Host.Length > 0
            ? (true, "ApprovedAnnotation", $"approved in {annotation}")
            : (false, "InvalidAnnotation", $"protected groups must have approval annotation \"{ApprovalAnnotation}\" with either a URL or a reason starting with \"unapproved\", {link}");
    }

    /// <summary>Whether the annotation lets a definition of such a group be.</summary>
    internal static void ValidateApproval(JsonObject crd, JsonObject? old, FieldErrors errors)
    {
        if (Approval(crd) is not { Reason: "MissingAnnotation" or "InvalidAnnotation" } approval || (old is not null && Approval(old)?.Reason == approval.Reason)) return;
        const string field = $"metadata.annotations[{ApprovalAnnotation}]";
        if (approval.Reason == "MissingAnnotation") errors.Required(field, approval.Message);
        else errors.Invalid(field, crd.TextAt("metadata", "annotations", ApprovalAnnotation), approval.Message);
    }

    private static string InUse(string name) => $"{FieldError.GoQuote(name)} is already in use";
}
