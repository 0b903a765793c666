using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.OpenApi;

/// <summary>The names that types have in OpenAPI documents, e.g. io.k8s.api.apps.v1.Deployment.</summary>
internal sealed class TypeNames
{
    private static readonly HashSet<string> Meta =
    [
        "ObjectMeta", "ListMeta", "OwnerReference", "ManagedFieldsEntry", "LabelSelector", "LabelSelectorRequirement", "DeleteOptions", "Preconditions",
        "Status", "StatusDetails", "StatusCause", "Condition", "MicroTime", "Time",
    ];

    private readonly Dictionary<TypeSchema, string> _names = [];

    /// <summary>Names every type that the registry's resources reach; a type that core/v1 reaches too belongs there.</summary>
    public TypeNames(ResourceRegistry registry)
    {
        foreach (var definition in registry.All.OrderBy(d => d.Name.Group.Length == 0 ? 0 : 1))
        {
            foreach (var version in definition.Versions)
            {
                var package = Package(definition.Name.Group, version.Name);
                if (version.Published is not { } published)
                {
                    Walk(version.Schema, package);
                    continue;
                }
                _names[version.Schema] = published.Name;
                Walk(ModelSchema.Of<V1ObjectMeta>(), package);
            }
        }
    }

    public string this[TypeSchema type] => _names[type];

    private static string Package(string group, string version)
    {
        if (group == "apiextensions.k8s.io") return $"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{version}";
        if (group == "apiregistration.k8s.io") return $"io.k8s.kube-aggregator.pkg.apis.apiregistration.{version}";
        var name = group.Length == 0 ? "core" : group.Split('.')[0];
        return $"io.k8s.api.{name}.{version}";
    }

    private void Walk(TypeSchema type, string package)
    {
        if (type.Kind is SchemaKind.Map or SchemaKind.Array)
        {
            Walk(type.Element!, package);
            return;
        }
        if (type.Kind != SchemaKind.Object || _names.ContainsKey(type)) return;
        _names[type] = Meta.Contains(type.Name) ? $"io.k8s.apimachinery.pkg.apis.meta.v1.{type.Name}" : $"{package}.{type.Name}";
        foreach (var field in type.Fields) Walk(field.Type, package);
    }
}
