using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.ApiServer.Authorization;

/// <summary>
/// Answers of authorization.k8s.io/v1: who may do what (pkg/registry/authorization). Whoever the server knows may do everything, as under the authorization mode AlwaysAllow.
/// </summary>
internal static class AccessReviews
{
    private const string Group = "authorization.k8s.io";

    /// <returns>The review's status; null for a kind that isn't one of these.</returns>
    /// <exception cref="StatusException">The question makes no sense.</exception>
    public static JsonObject? Answer(string kind, JsonObject review)
    {
        switch (kind)
        {
            case "SelfSubjectAccessReview" or "SubjectAccessReview" or "LocalSubjectAccessReview":
                var errors = new FieldErrors();
                Validate(kind, review, errors);
                if (errors.Count > 0) throw StatusException.Invalid(Group, kind, "", errors);
                return new JsonObject { ["allowed"] = true };

            case "SelfSubjectRulesReview":
                if (review.TextAt("spec", "namespace") is not { Length: > 0 }) throw StatusException.BadRequest("no namespace on request");
                return new JsonObject
                {
                    ["resourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }),
                    ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
                    ["incomplete"] = false,
                };

            default:
                return null;
        }
    }

    /// <summary>pkg/apis/authorization/validation.</summary>
    private static void Validate(string kind, JsonObject review, FieldErrors errors)
    {
        var spec = review.GetObject("spec");
        var (resource, path) = (spec?.GetObject("resourceAttributes"), spec?.GetObject("nonResourceAttributes"));
        var isLocal = kind == "LocalSubjectAccessReview";
        if (resource is not null && path is not null) errors.Invalid("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes");
        if (resource is null && path is null) errors.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        if (kind != "SelfSubjectAccessReview" && spec?.GetString("user") is not { Length: > 0 } && spec?.GetStrings("groups").Any() != true)
            errors.Invalid("spec.user", "", "at least one of user or group must be specified");

        var metadata = review.GetObject("metadata");
        if (metadata?.Any(field => field.Value is not null && field.Key != "managedFields" && !(isLocal && field.Key == "namespace")) == true)
            errors.Invalid("metadata", metadata, isLocal ? "must be empty except for namespace" : "must be empty");
        if (!isLocal) return;

        var ns = metadata?.GetString("namespace") ?? "";
        if (resource is not null && (resource.GetString("namespace") ?? "") is var asked && asked != ns)
            errors.Invalid("spec.resourceAttributes.namespace", asked, "must match metadata.namespace");
        if (path is not null) errors.Invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request");
    }
}
