using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Quotas;

/// <summary>A condition for what a quota counts: one of spec.scopes, or of spec.scopeSelector.</summary>
/// <param name="Name">Such as "BestEffort".</param>
/// <param name="Operator">In, NotIn, Exists or DoesNotExist.</param>
public sealed record QuotaScope(string Name, string Operator, IReadOnlyList<string> Values)
{
    public static IEnumerable<QuotaScope> Of(JsonObject quota) =>
        quota.GetObject("spec").GetStrings("scopes").Select(name => new QuotaScope(name, "Exists", []))
            .Concat((quota.At("spec", "scopeSelector") as JsonObject).GetObjects("matchExpressions")
                .Select(term => new QuotaScope(term.GetString("scopeName") ?? "", term.GetString("operator") ?? "", [.. term.GetStrings("values")])));

    /// <summary>Whether a name that an object has (or doesn't, null) is one that is meant.</summary>
    public bool Matches(string? name) => Operator switch
    {
        "In" => name is not null && Values.Contains(name),
        "NotIn" => name is null || !Values.Contains(name),
        "Exists" => name is not null,
        "DoesNotExist" => name is null,
        _ => false,
    };
}
