using System.Text.Json.Nodes;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.ApiRegistration;

/// <summary>The APIServices of what this server serves itself.</summary>
public static class LocalApiServices
{
    /// <summary>Says of an APIService that the server made it: "onstart" of what is built in, "true" of what comes and goes with custom resources.</summary>
    public const string ManagedLabel = "kube-aggregator.kubernetes.io/automanaged";

    /// <summary>Of custom resources' groups (pkg/controlplane/controller/crdregistration).</summary>
    private const int CustomGroupPriority = 1_000;

    private const int CustomVersionPriority = 100;

    /// <summary>In which order groups, and a group's versions, are told (cmd/kube-apiserver/app/aggregator.go, pkg/controlplane/apiserver/aggregator.go).</summary>
    private static readonly Dictionary<GroupVersion, (int Group, int Version)> Priorities = new()
    {
        [new("", "v1")] = (18_000, 1),
        [new("apps", "v1")] = (17_800, 15),
        [new("events.k8s.io", "v1")] = (17_750, 15),
        [new("authentication.k8s.io", "v1")] = (17_700, 15),
        [new("authorization.k8s.io", "v1")] = (17_600, 15),
        [new("autoscaling", "v1")] = (17_500, 15),
        [new("autoscaling", "v2")] = (17_500, 30),
        [new("batch", "v1")] = (17_400, 15),
        [new("certificates.k8s.io", "v1")] = (17_300, 15),
        [new("networking.k8s.io", "v1")] = (17_200, 15),
        [new("policy", "v1")] = (17_100, 15),
        [new("rbac.authorization.k8s.io", "v1")] = (17_000, 15),
        [new("storage.k8s.io", "v1")] = (16_800, 15),
        [new("apiextensions.k8s.io", "v1")] = (16_700, 15),
        [new("admissionregistration.k8s.io", "v1")] = (16_700, 15),
        [new("scheduling.k8s.io", "v1")] = (16_600, 15),
        [new("coordination.k8s.io", "v1")] = (16_500, 15),
        [new("node.k8s.io", "v1")] = (16_300, 15),
        [new("discovery.k8s.io", "v1")] = (16_200, 15),
        [new("resource.k8s.io", "v1")] = (16_200, 21),
        [new("flowcontrol.apiserver.k8s.io", "v1")] = (16_100, 21),
    };

    /// <summary>One for each group version that the registry has, but for that of APIServices themselves, in the order of their names.</summary>
    public static IReadOnlyList<JsonObject> Of(ResourceRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return
        [
            .. registry.All
                .SelectMany(d => d.Versions.Select(v => (Served: new GroupVersion(d.Name.Group, v.Name), IsCustom: v.Published is not null)))
                .Where(s => s.Served.Group != ApiServiceResource.Definition.Name.Group)
                .GroupBy(s => s.Served)
                .OrderBy(g => NameOf(g.Key), StringComparer.Ordinal)
                .Select(g => Make(g.Key, g.All(s => s.IsCustom))),
        ];
    }

    private static string NameOf(GroupVersion served) => $"{served.Version}.{served.Group}";

    private static JsonObject Make(GroupVersion served, bool isCustom)
    {
        var (group, version) = Priorities.GetValueOrDefault(served, (CustomGroupPriority, CustomVersionPriority));
        var spec = new JsonObject { ["version"] = served.Version, ["groupPriorityMinimum"] = group, ["versionPriority"] = version };
        if (served.Group.Length > 0) spec["group"] = served.Group;
        return new JsonObject
        {
            ["apiVersion"] = "apiregistration.k8s.io/v1",
            ["kind"] = "APIService",
            ["metadata"] = new JsonObject { ["name"] = NameOf(served), ["labels"] = new JsonObject { [ManagedLabel] = isCustom ? "true" : "onstart" } },
            ["spec"] = spec,
        };
    }
}
