using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>Whose token is this, and who am I (authentication.k8s.io/v1)? And who may do what (authorization.k8s.io/v1)?</summary>
internal static class ReviewResources
{
    private const string Authentication = "authentication.k8s.io";
    private const string Authorization = "authorization.k8s.io";

    public static readonly ResourceDefinition TokenReview = Define(Authentication, "TokenReview", ModelSchema.Of<V1TokenReview>());

    public static readonly ResourceDefinition SelfSubjectReview = Define(Authentication, "SelfSubjectReview", ModelSchema.Of<V1SelfSubjectReview>());

    public static readonly ResourceDefinition SubjectAccessReview = Define(Authorization, "SubjectAccessReview", ModelSchema.Of<V1SubjectAccessReview>());

    public static readonly ResourceDefinition LocalSubjectAccessReview =
        Define(Authorization, "LocalSubjectAccessReview", ModelSchema.Of<V1LocalSubjectAccessReview>(), ResourceScope.Namespaced);

    public static readonly ResourceDefinition SelfSubjectAccessReview = Define(Authorization, "SelfSubjectAccessReview", ModelSchema.Of<V1SelfSubjectAccessReview>());

    public static readonly ResourceDefinition SelfSubjectRulesReview = Define(Authorization, "SelfSubjectRulesReview", ModelSchema.Of<V1SelfSubjectRulesReview>());

    private static ResourceDefinition Define(string group, string kind, TypeSchema schema, ResourceScope scope = ResourceScope.Cluster) => new()
    {
        Name = new ResourceName(group, $"{kind.ToLowerInvariant()}s"),
        Kind = kind,
        Singular = kind.ToLowerInvariant(),
        Scope = scope,
        Versions = [new ServedVersion("v1", schema)],
        Strategy = new ResourceStrategy(),
        Printer = new TablePrinter([TablePrinter.NameColumn], (_, _) => [""]),
        IsReview = true,
    };
}
