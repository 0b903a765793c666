using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>leases, coordination.k8s.io/v1.</summary>
internal static class LeaseResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Lease>() with
    {
        Strategy = new LeaseStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new PrinterColumn("Holder", "string", "Identity of the holder of the lease."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), obj.TextAt("spec", "holderIdentity") ?? "", TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/apis/coordination/validation.</summary>
internal sealed class LeaseStrategy : ResourceStrategy
{
    public override string Heartbeat => "renewTime";
    public override bool CreatesOnUpdate => true;
    public override bool AllowsUnconditionalUpdate => false;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        if (obj.IntegerAt("spec", "leaseDurationSeconds") is { } seconds and <= 0) errors.Invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
        if (obj.IntegerAt("spec", "leaseTransitions") is { } transitions and < 0) errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
    }
}
