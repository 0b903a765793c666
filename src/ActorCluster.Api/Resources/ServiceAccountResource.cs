using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>serviceaccounts, v1.</summary>
internal static class ServiceAccountResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1ServiceAccount>() with
    {
        ShortNames = ["sa"],
        Strategy = new ServiceAccountStrategy(),
        Subresources = [new SubresourceDefinition("token", "TokenRequest", "authentication.k8s.io", "v1", "create")],
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/registry/core/serviceaccount.</summary>
internal sealed class ServiceAccountStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;
}
