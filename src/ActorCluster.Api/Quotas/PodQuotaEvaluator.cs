using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Resources;

namespace ActorCluster.Api.Quotas;

/// <summary>Pods: what they request and are limited to, as long as they have not ended (pkg/quota/v1/evaluator/core/pods.go).</summary>
internal sealed class PodQuotaEvaluator() : QuotaEvaluator(new ResourceName("", "pods"))
{
    private const string Requests = "requests.";
    private const string HugePages = "hugepages-";

    private static readonly string[] Compute = ["cpu", "memory", "ephemeral-storage"];

    /// <summary>Where a quota limits one of these, every container must say how much it wants.</summary>
    private static readonly string[] MustBeSaid = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

    public override bool Counts(string name) =>
        name == "pods" || name == CountName || Compute.Contains(name)
        || (name.StartsWith(Requests, StringComparison.Ordinal) && (Compute.Contains(name[Requests.Length..]) || IsExtended(name)))
        || (name.StartsWith("limits.", StringComparison.Ordinal) && Compute.Contains(name["limits.".Length..]))
        || name.StartsWith(HugePages, StringComparison.Ordinal) || name.StartsWith(Requests + HugePages, StringComparison.Ordinal);

    public override ImmutableSortedDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = ResourceAmounts.None.SetItem(CountName, Pieces(1));
        return HasEnded(obj, now) ? usage : usage.Plus(Usage(PodResources.Requests(obj, withStatus: true), PodResources.Limits(obj, withStatus: true)));
    }

    /// <summary>Updates count when the scope changes.</summary>
    public override bool CountsUpdates(JsonObject obj, JsonObject old) => IsTerminating(obj) != IsTerminating(old);

    public override string? MissingFor(IEnumerable<string> names, JsonObject obj)
    {
        var spec = obj.GetObject("spec") ?? [];
        if (spec.GetObject("resources") is { Count: > 0 }) return null;
        var wanted = names.Where(MustBeSaid.Contains).ToHashSet(StringComparer.Ordinal);
        var missing = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var container in PodDefaults.Containers(spec))
        {
            var said = Usage(ResourceAmounts.Read(container.At("resources", "requests")), ResourceAmounts.Read(container.At("resources", "limits")));
            foreach (var name in wanted.Where(name => !said.ContainsKey(name)))
            {
                if (!missing.TryGetValue(name, out var containers)) missing[name] = containers = new(StringComparer.Ordinal);
                containers.Add(container.GetString("name") ?? "");
            }
        }
        return missing.Count == 0 ? null : $"must specify {string.Join("; ", missing.Select(entry => $"{entry.Key} for: {string.Join(',', entry.Value)}"))}";
    }

    public override bool Matches(QuotaScope scope, JsonObject obj) => scope.Name switch
    {
        "Terminating" => IsTerminating(obj),
        "NotTerminating" => !IsTerminating(obj),
        "BestEffort" => PodQualityOfService.Of(obj) == "BestEffort",
        "NotBestEffort" => PodQualityOfService.Of(obj) != "BestEffort",
        "PriorityClass" => scope.Matches(obj.TextAt("spec", "priorityClassName") is { Length: > 0 } name ? name : null),
        "CrossNamespacePodAffinity" => LooksIntoOtherNamespaces(obj),
        _ => false,
    };

    private static ImmutableSortedDictionary<string, Quantity> Usage(ImmutableSortedDictionary<string, Quantity> requests, ImmutableSortedDictionary<string, Quantity> limits)
    {
        var usage = ResourceAmounts.None.SetItem("pods", Pieces(1)).ToBuilder();
        foreach (var (name, amount) in requests)
        {
            if (Compute.Contains(name) || name.StartsWith(HugePages, StringComparison.Ordinal)) usage[name] = usage[Requests + name] = amount;
            else if (name.Contains('/', StringComparison.Ordinal)) usage[Requests + name] = amount;
        }
        foreach (var name in Compute)
        {
            if (limits.TryGetValue(name, out var limit)) usage[$"limits.{name}"] = limit;
        }
        return usage.ToImmutable();
    }

    /// <summary>A device or the like, which has a domain: requests.example.com/gpu.</summary>
    private static bool IsExtended(string name) =>
        name.Split('/', 2) is [var domain, _] && domain[Requests.Length..] is { Length: > 0 } own && !own.EndsWith("kubernetes.io", StringComparison.Ordinal);

    /// <summary>It is over, or should have been: nothing of it runs, or it was to be gone by now.</summary>
    private static bool HasEnded(JsonObject pod, DateTimeOffset now)
    {
        if (pod.TextAt("status", "phase") is "Failed" or "Succeeded") return true;
        var metadata = ObjectMetadata.Of(pod);
        return metadata.DeletionGracePeriodSeconds is { } grace && ObjectMetadata.ParseTime(metadata.DeletionTimestamp) is { } deleted && now > deleted.AddSeconds(grace);
    }

    private static bool IsTerminating(JsonObject pod) => pod.IntegerAt("spec", "activeDeadlineSeconds") >= 0;

    private static bool LooksIntoOtherNamespaces(JsonObject pod)
    {
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            var affinity = pod.At("spec", "affinity", kind) as JsonObject;
            var terms = affinity.GetObjects("requiredDuringSchedulingIgnoredDuringExecution")
                .Concat(affinity.GetObjects("preferredDuringSchedulingIgnoredDuringExecution").Select(weighted => weighted.GetObject("podAffinityTerm") ?? []));
            if (terms.Any(term => term.GetArray("namespaces") is { Count: > 0 } || term.Has("namespaceSelector"))) return true;
        }
        return false;
    }
}
