using System.Text.Json.Nodes;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.CustomResources;

/// <summary>Conversion by the strategy None: a version's objects differ from the stored ones by their apiVersion, and by what either schema doesn't have.</summary>
/// <remarks>What is read has the stored version's defaults of today, though it may have been written before they were set.</remarks>
internal sealed class CustomVersionConverter(string servedVersion, TypeSchema served, string storedVersion, TypeSchema stored, JsonSchema? storedSchema) : IVersionConverter
{
    public JsonObject ToStorage(JsonObject served)
    {
        served["apiVersion"] = storedVersion;
        return served;
    }

    public JsonObject FromStorage(JsonObject stored)
    {
        Read(stored);
        stored["apiVersion"] = servedVersion;
        StructuralPruning.Prune(stored, served);
        return stored;
    }

    /// <summary>Brings a stored object up to date.</summary>
    public void Read(JsonObject obj)
    {
        obj["apiVersion"] = storedVersion;
        StructuralPruning.Prune(obj, stored);
        if (storedSchema is not null) SchemaDefaults.Apply(obj, storedSchema);
    }
}
