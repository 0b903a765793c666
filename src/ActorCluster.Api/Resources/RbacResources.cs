using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>Roles and their bindings, rbac.authorization.k8s.io/v1. They are kept and checked, so that manifests apply; nobody is refused anything for want of a role.</summary>
internal static class RbacResources
{
    public const string Group = "rbac.authorization.k8s.io";

    public static readonly ResourceDefinition Role = ModelResource.Namespaced<V1Role>() with { Strategy = new RoleStrategy(isNamespaced: true) };

    public static readonly ResourceDefinition ClusterRole = ModelResource.ClusterWide<V1ClusterRole>() with { Strategy = new RoleStrategy(isNamespaced: false) };

    public static readonly ResourceDefinition RoleBinding = ModelResource.Namespaced<V1RoleBinding>() with
    {
        Strategy = new RoleBindingStrategy(isNamespaced: true),
        Printer = BindingPrinter,
    };

    public static readonly ResourceDefinition ClusterRoleBinding = ModelResource.ClusterWide<V1ClusterRoleBinding>() with
    {
        Strategy = new RoleBindingStrategy(isNamespaced: false),
        Printer = BindingPrinter,
    };

    private static TablePrinter BindingPrinter => new(
    [
        TablePrinter.NameColumn,
        new("Role", "string", "The role whose rules the subjects get."),
        TablePrinter.AgeColumn,
        new("Users", "string", "The users that get them.", Priority: 1),
        new("Groups", "string", "The groups that get them.", Priority: 1),
        new("ServiceAccounts", "string", "The service accounts that get them, with their namespaces.", Priority: 1),
    ],
    (obj, now) =>
    [
        obj.TextAt("metadata", "name"), $"{obj.TextAt("roleRef", "kind")}/{obj.TextAt("roleRef", "name")}", TablePrinter.Age(obj, now),
        Subjects(obj, "User"), Subjects(obj, "Group"), Subjects(obj, "ServiceAccount"),
    ]);

    private static string Subjects(JsonObject binding, string kind) => string.Join(", ", binding.GetObjects("subjects").Where(subject => subject.GetString("kind") == kind)
        .Select(subject => kind == "ServiceAccount" ? $"{subject.GetString("namespace")}/{subject.GetString("name")}" : subject.GetString("name")));
}
