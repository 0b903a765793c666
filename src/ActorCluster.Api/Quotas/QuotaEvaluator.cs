using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>How the objects of one resource count for quotas (Evaluator in apiserver/pkg/quota/v1/interfaces.go). Pure.</summary>
public abstract class QuotaEvaluator(ResourceName resource)
{
    public ResourceName Resource { get; } = resource;

    /// <summary>The name under which a quota counts the objects: count/pods, count/deployments.apps.</summary>
    public string CountName { get; } = $"count/{resource}";

    /// <summary>The evaluator of a resource: where nothing more is known of it, its objects are counted.</summary>
    public static QuotaEvaluator For(ResourceName resource) => (resource.Group, resource.Plural) switch
    {
        ("", "pods") => new PodQuotaEvaluator(),
        ("", "services") => new ServiceQuotaEvaluator(),
        ("", "persistentvolumeclaims") => new ClaimQuotaEvaluator(),
        // Names from before every resource could be counted.
        ("", "configmaps" or "resourcequotas" or "replicationcontrollers" or "secrets") => new CountQuotaEvaluator(resource, resource.Plural),
        _ => new CountQuotaEvaluator(resource, null),
    };

    /// <summary>Which of these resources of a quota it is that the objects take of.</summary>
    public abstract bool Counts(string name);

    /// <summary>What the object takes.</summary>
    public abstract ImmutableSortedDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now);

    /// <summary>Whether a change of an object can change what it takes.</summary>
    public virtual bool CountsUpdates(JsonObject obj, JsonObject old) => false;

    /// <summary>What the object must say and doesn't, for a quota of these resources; null: nothing.</summary>
    public virtual string? MissingFor(IEnumerable<string> names, JsonObject obj) => null;

    public virtual bool Matches(QuotaScope scope, JsonObject obj) => false;

    /// <summary>Whether the quota counts the object.</summary>
    /// <param name="limits">The quota's resources.</param>
    public bool IsCounted(JsonObject quota, IEnumerable<string> limits, JsonObject obj) =>
        limits.Any(Counts) && QuotaScope.Of(quota).All(scope => Matches(scope, obj));

    private protected static Quantity Pieces(int count) => new(count * (System.Numerics.BigInteger)1_000_000_000, QuantityFormat.DecimalSI);
}

/// <summary>Only the number of the objects counts.</summary>
/// <param name="alias">Another name for it; null: none.</param>
internal sealed class CountQuotaEvaluator(ResourceName resource, string? alias) : QuotaEvaluator(resource)
{
    public override bool Counts(string name) => name == CountName || name == alias;

    public override ImmutableSortedDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = ResourceAmounts.None.SetItem(CountName, Pieces(1));
        return alias is null ? usage : usage.SetItem(alias, Pieces(1));
    }
}
