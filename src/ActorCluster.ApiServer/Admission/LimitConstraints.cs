using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Quotas;
using ResourceList = System.Collections.Immutable.ImmutableSortedDictionary<string, ActorCluster.Api.Quantities.Quantity>;

namespace ActorCluster.ApiServer.Admission;

/// <summary>What a LimitRange's item says against requests and limits, in upstream's words (plugin/pkg/admission/limitranger/admission.go). Pure.</summary>
internal static class LimitConstraints
{
    /// <summary>Minimum, maximum and ratio of one container, or of a pod's sums.</summary>
    public static IEnumerable<string> OfResources(JsonObject item, ResourceList requests, ResourceList limits)
    {
        var type = item.GetString("type") ?? "";
        return Each(item, "min", (name, least) => Minimum(type, name, least, requests, limits))
            .Concat(Each(item, "max", (name, most) => Maximum(type, name, most, requests, limits)))
            .Concat(Each(item, "maxLimitRequestRatio", (name, most) => Ratio(type, name, most, requests, limits)));
    }

    /// <summary>Minimum and maximum of what a claim requests.</summary>
    public static IEnumerable<string> OfClaim(JsonObject item, ResourceList requests)
    {
        var type = item.GetString("type") ?? "";
        return Each(item, "min", (name, least) => Minimum(type, name, least, requests, ResourceAmounts.None))
            .Concat(Each(item, "max", (name, most) => Find(requests, name) switch
            {
                null => $"maximum {name} usage per {type} is {most}.  No request is specified",
                { } request when request > most => $"maximum {name} usage per {type} is {most}, but request is {request}",
                _ => null,
            }));
    }

    private static IEnumerable<string> Each(JsonObject item, string field, Func<string, Quantity, string?> check) =>
        ResourceAmounts.Read(item.GetObject(field)).Select(pair => check(pair.Key, pair.Value)).OfType<string>();

    private static string? Minimum(string type, string name, Quantity least, ResourceList requests, ResourceList limits)
    {
        var start = $"minimum {name} usage per {type} is {least}";
        if (Find(requests, name) is not { } request) return $"{start}.  No request is specified";
        if (request < least) return $"{start}, but request is {request}";
        return Find(limits, name) is { } limit && limit < least ? $"{start}, but limit is {limit}" : null;
    }

    private static string? Maximum(string type, string name, Quantity most, ResourceList requests, ResourceList limits)
    {
        var start = $"maximum {name} usage per {type} is {most}";
        if (Find(limits, name) is not { } limit) return $"{start}.  No limit is specified";
        if (limit > most) return $"{start}, but limit is {limit}";
        return Find(requests, name) is { } request && request > most ? $"{start}, but request is {request}" : null;
    }

    private static string? Ratio(string type, string name, Quantity most, ResourceList requests, ResourceList limits)
    {
        var start = $"{name} max limit to request ratio per {type} is {most}, but";
        if (Find(requests, name) is not { Sign: not 0 } request) return $"{start} no request is specified or request is 0";
        if (Find(limits, name) is not { Sign: not 0 } limit) return $"{start} no limit is specified or limit is 0";
        var ratio = limit.ToDouble() / request.ToDouble();
        return ratio > most.ToDouble() ? string.Create(CultureInfo.InvariantCulture, $"{start} provided ratio is {ratio:F6}") : null;
    }

    private static Quantity? Find(ResourceList amounts, string name) => amounts.TryGetValue(name, out var amount) ? amount : null;
}
