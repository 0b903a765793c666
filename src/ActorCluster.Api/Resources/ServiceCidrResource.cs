using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>servicecidrs, networking.k8s.io/v1: the ranges that services' addresses come from.</summary>
internal static class ServiceCidrResource
{
    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1ServiceCIDR>() with
    {
        Strategy = new ServiceCidrStrategy(),
        Subresources = [SubresourceDefinition.Status("ServiceCIDR")],
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new("CIDRs", "string", "The ranges, at most one of each address family."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), string.Join(',', (obj["spec"] as JsonObject).GetStrings("cidrs")), TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/registry/networking/servicecidr/strategy.go and pkg/apis/networking/validation (ValidateServiceCIDR...).</summary>
internal sealed class ServiceCidrStrategy : ResourceStrategy
{
    private const string Path = "spec.cidrs";

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var texts = obj.Ensure("spec").GetStrings("cidrs").ToList();
        if (texts.Count == 0)
        {
            errors.Required(Path, "at least one CIDR required");
            return;
        }
        if (texts.Count > 2)
        {
            errors.Invalid(Path, obj["spec"], "may only hold up to 2 values");
            return;
        }
        for (var i = 0; i < texts.Count; i++) Cidr.ValidateCanonical(texts[i], $"{Path}[{i}]", errors);
        if (texts.Count == 2 && Cidr.Parse(texts[0]) is { } first && Cidr.Parse(texts[1]) is { } second && first.IsV6 == second.IsV6)
        {
            errors.Invalid(Path, obj.At("spec", "cidrs"), "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    /// <summary>A range stays as it is; one of the other family may be added.</summary>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var now = obj.Ensure("spec").GetStrings("cidrs").ToList();
        var before = old.Ensure("spec").GetStrings("cidrs").ToList();
        if (now.Count != before.Count && (before.Count, now.Count) is not (1, 2))
        {
            errors.Invalid(Path, obj.At("spec", "cidrs"), "field is immutable");
            return;
        }
        for (var i = 0; i < before.Count; i++)
        {
            if (now[i] != before[i]) errors.Invalid($"{Path}[{i}]", now[i], "field is immutable");
        }
    }
}
