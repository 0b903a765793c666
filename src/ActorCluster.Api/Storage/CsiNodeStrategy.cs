using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Storage;

/// <summary>pkg/registry/storage/csinode, pkg/apis/storage/validation.</summary>
internal sealed class CsiNodeStrategy : ResourceStrategy
{
    private const int LongestNodeId = 256;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var driver in obj.Ensure("spec").GetObjects("drivers"))
        {
            var path = $"spec.drivers[{index++}]";
            var name = driver.GetString("name") ?? "";
            DriverName(name, $"{path}.name", errors);
            var id = driver.GetString("nodeID") ?? "";
            if (id.Length == 0) errors.Required($"{path}.nodeID");
            if (id.Length > LongestNodeId) errors.Invalid($"{path}.nodeID", id, $"must be {LongestNodeId} characters or less");
            FieldRules.NonNegative(driver.GetObject("allocatable"), "count", $"{path}.allocatable", errors);
            if (!seen.Add(name)) errors.Duplicate($"{path}.name", name);
            TopologyKeys(driver, path, errors);
        }
    }

    /// <remarks>A name that comes twice is refused as such, and each of the two compared.</remarks>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var now = obj.Ensure("spec").GetObjects("drivers").Select(Fixed).ToLookup(d => d.GetString("name") ?? "");
        foreach (var before in old.Ensure("spec").GetObjects("drivers").Select(Fixed))
        {
            foreach (var driver in now[before.GetString("name") ?? ""]) MetadataValidation.Immutable(driver, before, "spec.drivers", errors);
        }
    }

    /// <summary>apivalidation.ValidateCSIDriverName.</summary>
    internal static void DriverName(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0) errors.Required(path);
        if (name.Length > 63) errors.TooLong(path, 63);
        foreach (var fault in Names.Dns1123Subdomain(name.ToLowerInvariant())) errors.Invalid(path, name, fault);
    }

    /// <summary>How many volumes a driver may have is found out while it runs.</summary>
    private static JsonObject Fixed(JsonObject driver)
    {
        var copy = (JsonObject)driver.DeepClone();
        copy.Remove("allocatable");
        return copy;
    }

    private static void TopologyKeys(JsonObject driver, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        foreach (var key in driver.GetStrings("topologyKeys"))
        {
            if (key.Length == 0) errors.Required(path);
            if (!seen.Add(key)) errors.Duplicate(path, key);
            foreach (var fault in Names.QualifiedName(key)) errors.Invalid(path, key, fault);
        }
    }
}
