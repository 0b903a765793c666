using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Devices;

/// <summary>What a claim asks for (pkg/apis/resource/{v1,validation}); CEL expressions are not compiled.</summary>
internal static class DeviceClaims
{
    private const int MostRequests = 32;
    private const int MostSelectors = 32;
    private const string OneOf = "exactly one of `exactly` or `firstAvailable` is required";
    private static readonly string[] Modes = ["All", "ExactCount"];

    /// <param name="spec">Of a claim or of a template.</param>
    public static void ApplyDefaults(JsonObject? spec)
    {
        foreach (var request in (spec.At("devices") as JsonObject).GetObjects("requests"))
        {
            if (request.GetObject("exactly") is { } exactly) ApplyCount(exactly);
            foreach (var alternative in request.GetObjects("firstAvailable")) ApplyCount(alternative);
        }
    }

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        var devices = spec.GetObject("devices") ?? [];
        var requests = devices.GetObjects("requests").ToList();
        path += ".devices.requests";
        if (requests.Count > MostRequests) errors.TooMany(path, requests.Count, MostRequests);
        var names = new HashSet<string>();
        for (var i = 0; i < requests.Count; i++)
        {
            var at = $"{path}[{i}]";
            Name(requests[i], at, names, errors);
            var alternatives = requests[i].GetObjects("firstAvailable").ToList();
            if (requests[i].Has("exactly") == alternatives.Count > 0) errors.Required(at, OneOf);
            else if (requests[i].GetObject("exactly") is { } exactly) Exactly(exactly, $"{at}.exactly", errors);
            var alternativeNames = new HashSet<string>();
            for (var j = 0; j < alternatives.Count; j++)
            {
                Name(alternatives[j], $"{at}.firstAvailable[{j}]", alternativeNames, errors);
                Exactly(alternatives[j], $"{at}.firstAvailable[{j}]", errors);
            }
        }
    }

    public static void Selectors(JsonObject parent, string path, FieldErrors errors)
    {
        var selectors = parent.GetObjects("selectors").ToList();
        if (selectors.Count > MostSelectors) errors.TooMany($"{path}.selectors", selectors.Count, MostSelectors);
        for (var i = 0; i < selectors.Count; i++)
        {
            if (selectors[i].GetObject("cel") is not { } cel) errors.Required($"{path}.selectors[{i}].cel");
            else if (cel.GetString("expression") is not { Length: > 0 }) errors.Required($"{path}.selectors[{i}].cel.expression");
        }
    }

    private static void ApplyCount(JsonObject request)
    {
        request.Default("allocationMode", "ExactCount");
        if (request.GetString("allocationMode") == "ExactCount" && request.GetInteger("count") is null or 0) request["count"] = 1;
    }

    private static void Name(JsonObject request, string path, HashSet<string> seen, FieldErrors errors)
    {
        var name = request.GetString("name") ?? "";
        if (name.Length == 0) errors.Required($"{path}.name");
        else FieldRules.DnsLabel(name, $"{path}.name", errors);
        if (name.Length > 0 && !seen.Add(name)) errors.Duplicate($"{path}.name", name);
    }

    private static void Exactly(JsonObject request, string path, FieldErrors errors)
    {
        var deviceClass = request.GetString("deviceClassName") ?? "";
        if (deviceClass.Length == 0) errors.Required($"{path}.deviceClassName");
        else foreach (var fault in Names.Dns1123Subdomain(deviceClass)) errors.Invalid($"{path}.deviceClassName", deviceClass, fault);
        Selectors(request, path, errors);
        var count = request.GetInteger("count") ?? 0;
        switch (request.GetString("allocationMode"))
        {
            case "All":
                if (count != 0) errors.Invalid($"{path}.count", count, "must not be specified when allocationMode is 'All'");
                break;
            case "ExactCount":
                if (count <= 0) errors.Invalid($"{path}.count", count, "must be greater than zero");
                break;
            case var other:
                errors.NotSupported($"{path}.allocationMode", other ?? "", Modes);
                break;
        }
    }
}
