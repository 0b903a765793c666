using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>Reads what pods use from metrics.k8s.io (pkg/controller/podautoscaler/metrics/client.go).</summary>
internal sealed class UsageReader(IApiClient api, string user)
{
    private static readonly ResourceName Pods = new("metrics.k8s.io", "pods");

    /// <param name="container">Only this container counts; null: all of them.</param>
    /// <returns>By the names of pods; those that lack a sample are left out.</returns>
    /// <exception cref="MetricException">There are none.</exception>
    public async Task<IReadOnlyDictionary<string, PodUsage>> ReadAsync(string ns, string selector, string resource, string? container, CancellationToken cancellationToken)
    {
        var options = new ApiRequestOptions { User = user, LabelSelector = selector };
        var response = await api.SendAsync(new ApiRequest(ApiVerb.List, Pods, ns, Options: options), cancellationToken);
        if (!response.IsSuccess) throw new MetricException($"unable to fetch metrics from resource metrics API: {ApiStatusException.From(response.StatusCode, response.Body).Message}");
        var usage = new Dictionary<string, PodUsage>(StringComparer.Ordinal);
        foreach (var pod in (JsonNode.Parse(response.Body.Span) as JsonObject).GetObjects("items"))
        {
            if (Value(pod, resource, container) is { } value && ObjectMetadata.ParseTime(pod.GetString("timestamp")) is { } time)
                usage[pod.TextAt("metadata", "name")!] = new PodUsage(value, time, Window(pod.GetString("window")));
        }
        return usage.Count > 0 ? usage : throw new MetricException("no metrics returned from resource metrics API");
    }

    private static long? Value(JsonObject pod, string resource, string? container)
    {
        long sum = 0;
        var counted = pod.GetObjects("containers").Where(one => container is null || one.GetString("name") == container).ToList();
        if (counted.Count == 0) return null;
        foreach (var one in counted)
        {
            if (!Quantity.TryParse(one.TextAt("usage", resource), out var used)) return null;
            sum += used.ToMilli();
        }
        return sum;
    }

    /// <summary>Whole seconds, as metrics servers say it: "15s".</summary>
    private static TimeSpan Window(string? text) =>
        text is not null && double.TryParse(text.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
}
