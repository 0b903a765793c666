using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Errors;
using ActorCluster.Api.ManagedFields;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.Contracts.Client;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>The query parameters of requests.</summary>
internal static class RequestOptions
{
    /// <exception cref="StatusException">A parameter that can't be read, or that has no such value.</exception>
    public static ApiRequestOptions Read(HttpRequest request, ClientIdentity identity, ApiVerb verb = ApiVerb.Get, PatchType patch = PatchType.None)
    {
        var query = request.Query;
        var errors = new FieldErrors();
        var dryRun = query["dryRun"].Where(v => !string.IsNullOrEmpty(v)).ToList();
        foreach (var value in dryRun.Where(v => v != "All")) errors.NotSupported("dryRun", new JsonArray((JsonNode?)value), "All");
        var validation = Text(query, "fieldValidation");
        if (validation is not (null or "Strict" or "Warn" or "Ignore")) errors.NotSupported("fieldValidation", validation, "Ignore", "Strict", "Warn");
        var manager = Text(query, "fieldManager");
        if (verb == ApiVerb.Patch && patch != PatchType.Apply && query.ContainsKey("force")) errors.Forbidden("force", "may not be specified for non-apply patch");
        if (manager is not null) ManagerNames.Validate(manager, "fieldManager", errors);
        if (errors.Count > 0) throw StatusException.Invalid("meta.k8s.io", verb switch { ApiVerb.Patch => "PatchOptions", ApiVerb.Update => "UpdateOptions", _ => "CreateOptions" }, "", errors);
        var orphan = Flag(query, "orphanDependents");
        return new ApiRequestOptions
        {
            LabelSelector = Text(query, "labelSelector"),
            FieldSelector = Text(query, "fieldSelector"),
            ResourceVersion = Text(query, "resourceVersion"),
            ResourceVersionMatch = Text(query, "resourceVersionMatch"),
            Limit = Number(query, "limit") is { } limit ? (int)Math.Clamp(limit, 0, int.MaxValue) : null,
            Continue = Text(query, "continue"),
            DryRun = dryRun.Count > 0,
            // Who applies must say who it is.
            FieldManager = manager ?? (patch == PatchType.Apply ? null : ManagerNames.OfUserAgent(request.Headers.UserAgent)),
            FieldValidation = validation ?? "Warn",
            Force = Flag(query, "force") ?? false,
            PropagationPolicy = Text(query, "propagationPolicy") ?? (orphan is null ? null : orphan.Value ? "Orphan" : "Background"),
            GracePeriodSeconds = Number(query, "gracePeriodSeconds"),
            User = identity.User,
            UserDetails = identity.Details,
        };
    }

    public static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values.Count > 0 && values[0]!.Length > 0 ? values[0] : null;

    /// <exception cref="StatusException">400: no number.</exception>
    public static long? Number(IQueryCollection query, string name)
    {
        if (Text(query, name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StatusException.BadRequest($"strconv.ParseInt: parsing {FieldError.GoQuote(text)}: invalid syntax");
    }

    /// <summary>Present without a value means true, and false has any case (Python's clients write False), as in Convert_Slice_string_To_bool of k8s.io/apimachinery.</summary>
    public static bool? Flag(IQueryCollection query, string name)
    {
        if (!query.TryGetValue(name, out var values) || values.Count == 0) return null;
        return values[0] is not "0" && !string.Equals(values[0], "false", StringComparison.OrdinalIgnoreCase);
    }
}
