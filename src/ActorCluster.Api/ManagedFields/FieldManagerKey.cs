using ActorCluster.Api.Errors;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Who manages fields. An applier is one whatever version it applies; an updater is another for each version.</summary>
/// <param name="ApiVersion">"" for appliers.</param>
public sealed record FieldManagerKey(string Manager, bool Applies, string ApiVersion, string Subresource)
{
    public static FieldManagerKey Applier(string manager, string subresource) => new(manager, true, "", subresource);

    public static FieldManagerKey Updater(string manager, string apiVersion, string subresource) => new(manager, false, apiVersion, subresource);

    public string Operation => Applies ? "Apply" : "Update";

    /// <summary>As a conflict names it: "kubectl" using apps/v1.</summary>
    public string Describe()
    {
        var name = FieldError.GoQuote(Manager);
        if (Subresource.Length > 0) name = $"{name} with subresource {FieldError.GoQuote(Subresource)}";
        return Applies ? name : $"{name} using {ApiVersion}";
    }

    /// <summary>The order in which managers are named.</summary>
    public static int Compare(FieldManagerKey a, FieldManagerKey b)
    {
        var order = string.CompareOrdinal(a.Manager, b.Manager);
        if (order == 0) order = string.CompareOrdinal(a.Operation, b.Operation);
        if (order == 0) order = string.CompareOrdinal(a.ApiVersion, b.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(a.Subresource, b.Subresource);
    }
}
