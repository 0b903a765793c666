using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>Amounts of named resources, as requests, limits and quotas hold them (apiserver/pkg/quota/v1/resources.go).</summary>
public static class ResourceAmounts
{
    public static readonly ImmutableSortedDictionary<string, Quantity> None = ImmutableSortedDictionary.Create<string, Quantity>(StringComparer.Ordinal);

    /// <summary>What a field of an object holds; what is no quantity is left out.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Read(JsonNode? amounts)
    {
        var result = None.ToBuilder();
        foreach (var (name, amount) in amounts as JsonObject ?? [])
        {
            if (Quantity.TryParse(JsonDocuments.Print(amount), out var quantity)) result[name] = quantity;
        }
        return result.ToImmutable();
    }

    public static JsonObject ToDocument(this ImmutableSortedDictionary<string, Quantity> amounts) =>
        new([.. amounts.Select(amount => KeyValuePair.Create(amount.Key, (JsonNode?)amount.Value.ToString()))]);

    public static ImmutableSortedDictionary<string, Quantity> Plus(this ImmutableSortedDictionary<string, Quantity> left, ImmutableSortedDictionary<string, Quantity> right) =>
        Combine(left, right, static (a, b) => a + b);

    /// <summary>The larger of both, resource by resource.</summary>
    public static ImmutableSortedDictionary<string, Quantity> AtLeast(this ImmutableSortedDictionary<string, Quantity> left, ImmutableSortedDictionary<string, Quantity> right) =>
        Combine(left, right, static (a, b) => a >= b ? a : b);

    /// <summary>What there is more of on the left, resource by resource; nothing below zero.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Beyond(this ImmutableSortedDictionary<string, Quantity> left, ImmutableSortedDictionary<string, Quantity> right) =>
        left.ToImmutableSortedDictionary(amount => amount.Key, amount => right.TryGetValue(amount.Key, out var less) ? NotNegative(amount.Value - less) : amount.Value, StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, Quantity> Only(this ImmutableSortedDictionary<string, Quantity> amounts, IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        return amounts.RemoveRange(amounts.Keys.Where(name => !wanted.Contains(name)));
    }

    /// <summary>cpu=1,memory=2Gi</summary>
    public static string Print(this ImmutableSortedDictionary<string, Quantity> amounts) => string.Join(',', amounts.Select(amount => $"{amount.Key}={amount.Value}"));

    public static bool SameAmounts(this ImmutableSortedDictionary<string, Quantity> left, ImmutableSortedDictionary<string, Quantity> right) =>
        left.Count == right.Count && left.All(amount => right.TryGetValue(amount.Key, out var other) && other.Nanos == amount.Value.Nanos);

    private static Quantity NotNegative(Quantity quantity) => quantity.Sign < 0 ? quantity with { Nanos = BigInteger.Zero } : quantity;

    private static ImmutableSortedDictionary<string, Quantity> Combine(
        ImmutableSortedDictionary<string, Quantity> left, ImmutableSortedDictionary<string, Quantity> right, Func<Quantity, Quantity, Quantity> combine)
    {
        var result = left.ToBuilder();
        foreach (var (name, amount) in right) result[name] = result.TryGetValue(name, out var known) ? combine(known, amount) : amount;
        return result.ToImmutable();
    }
}
