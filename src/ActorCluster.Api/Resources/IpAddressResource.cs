using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>ipaddresses, networking.k8s.io/v1: one object an address that a service has, named by it.</summary>
internal static class IpAddressResource
{
    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1IPAddress>() with
    {
        ShortNames = ["ip"],
        Strategy = new IpAddressStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new("ParentRef", "string", "What the address was given to."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), Parent(obj), TablePrinter.Age(obj, now)]),
    };

    private static string Parent(JsonObject obj)
    {
        if (obj.At("spec", "parentRef") is not JsonObject parent) return "<none>";
        var group = parent.GetString("group") is { Length: > 0 } name ? $".{name}" : "";
        var home = parent.GetString("namespace") is { Length: > 0 } ns ? $"/{ns}" : "";
        return $"{parent.GetString("resource")}{group}".ToLowerInvariant() + $"{home}/{parent.GetString("name")}";
    }
}

/// <summary>pkg/registry/networking/ipaddress/strategy.go and pkg/apis/networking/validation (ValidateIPAddress...).</summary>
internal sealed class IpAddressStrategy : ResourceStrategy
{
    public override IEnumerable<string> NameFaults(string name) => IpRules.CanonicalFaults(name);

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        const string path = "spec.parentRef";
        if (obj.At("spec", "parentRef") is not JsonObject parent)
        {
            errors.Required(path);
            return;
        }
        if (parent.GetString("group") is { Length: > 0 } group)
        {
            foreach (var fault in Names.Dns1123Subdomain(group)) errors.Invalid($"{path}.group", group, fault);
        }
        FieldRules.RequiredPathSegment(parent, "resource", path, errors);
        FieldRules.RequiredPathSegment(parent, "name", path, errors);
        if (parent.GetString("namespace") is { Length: > 0 } ns)
        {
            foreach (var fault in Names.PathSegment(ns)) errors.Invalid($"{path}.namespace", ns, fault);
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj.At("spec", "parentRef"), old.At("spec", "parentRef"), "spec.parentRef", errors);
}
