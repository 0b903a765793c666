using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>tokenreviews and selfsubjectreviews, authentication.k8s.io/v1: whose token is this, and who am I?</summary>
internal static class ReviewResources
{
    public static readonly ResourceDefinition TokenReview = Define("tokenreviews", "TokenReview", ModelSchema.Of<V1TokenReview>());

    public static readonly ResourceDefinition SelfSubjectReview = Define("selfsubjectreviews", "SelfSubjectReview", ModelSchema.Of<V1SelfSubjectReview>());

    private static ResourceDefinition Define(string plural, string kind, TypeSchema schema) => new()
    {
        Name = new ResourceName("authentication.k8s.io", plural),
        Kind = kind,
        Singular = kind.ToLowerInvariant(),
        Scope = ResourceScope.Cluster,
        Versions = [new ServedVersion("v1", schema)],
        Strategy = new ResourceStrategy(),
        Printer = new TablePrinter([TablePrinter.NameColumn], (_, _) => [""]),
        IsReview = true,
    };
}
