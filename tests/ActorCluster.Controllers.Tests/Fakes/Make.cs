using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Fakes;

/// <summary>Objects for tests, with as little in them as matters.</summary>
internal static class Make
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    public static V1Pod Pod(
        string name, string labels = "", string? node = null, V1OwnerReference? owner = null, string cpu = "", string memory = "", bool? ready = null,
        string phase = "", string ip = "", bool deleting = false, int ageSeconds = 60) => new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "default",
                Uid = "uid-of-" + name,
                ResourceVersion = "1",
                Labels = Labels(labels),
                OwnerReferences = owner is null ? null : [owner],
                CreationTimestamp = Noon.AddSeconds(-ageSeconds).UtcDateTime,
                DeletionTimestamp = deleting ? Noon.UtcDateTime : null,
            },
            Spec = new V1PodSpec
            {
                NodeName = node,
                Containers = [new V1Container { Name = "main", Image = "nginx", Resources = new V1ResourceRequirements { Requests = Requests(cpu, memory) } }],
            },
            Status = new V1PodStatus
            {
                Phase = phase.Length > 0 ? phase : ready is null ? "Pending" : "Running",
                PodIP = ip.Length > 0 ? ip : null,
                PodIPs = ip.Length > 0 ? [new V1PodIP { Ip = ip }] : null,
                Conditions = ready is null ? null
                    : [new V1PodCondition { Type = "Ready", Status = ready.Value ? "True" : "False", LastTransitionTime = Noon.AddSeconds(-ageSeconds / 2).UtcDateTime }],
            },
        };

    public static V1Node Node(
        string name, string cpu = "4", string memory = "8Gi", int pods = 110, string labels = "", string? ready = "True", IList<V1Taint>? taints = null, bool cordoned = false) => new()
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Uid = "uid-of-" + name,
                ResourceVersion = "1",
                Labels = new Dictionary<string, string>(Labels(labels)) { ["kubernetes.io/hostname"] = name },
                CreationTimestamp = Noon.AddHours(-1).UtcDateTime,
            },
            Spec = new V1NodeSpec { Taints = taints, Unschedulable = cordoned ? true : null },
            Status = new V1NodeStatus
            {
                Allocatable = new Dictionary<string, ResourceQuantity>
                {
                    ["cpu"] = new(cpu),
                    ["memory"] = new(memory),
                    ["pods"] = new(pods.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                },
                Conditions = ready is null ? null : [new V1NodeCondition { Type = "Ready", Status = ready, LastHeartbeatTime = Noon.UtcDateTime, LastTransitionTime = Noon.UtcDateTime }],
            },
        };

    public static V1ReplicaSet ReplicaSet(
        string name, int replicas, string labels = "app=web", V1OwnerReference? owner = null, int available = 0, int ageSeconds = 60, string image = "nginx:1") => new()
        {
            ApiVersion = "apps/v1",
            Kind = "ReplicaSet",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "default",
                Uid = "uid-of-" + name,
                ResourceVersion = "1",
                Generation = 1,
                Labels = Labels(labels),
                OwnerReferences = owner is null ? null : [owner],
                CreationTimestamp = Noon.AddSeconds(-ageSeconds).UtcDateTime,
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = replicas,
                Selector = new V1LabelSelector { MatchLabels = Labels(labels) },
                Template = Template(labels, image),
            },
            Status = new V1ReplicaSetStatus { Replicas = replicas, AvailableReplicas = available, ReadyReplicas = available, ObservedGeneration = 1 },
        };

    public static V1Deployment Deployment(string name, int replicas, string image = "nginx:1", string? surge = null, string? unavailable = null, string strategy = "RollingUpdate") => new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-of-" + name, ResourceVersion = "1", Generation = 1 },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = Labels("app=" + name) },
            Template = Template("app=" + name, image),
            Strategy = new V1DeploymentStrategy
            {
                Type = strategy,
                RollingUpdate = strategy == "RollingUpdate" ? new V1RollingUpdateDeployment { MaxSurge = surge ?? "25%", MaxUnavailable = unavailable ?? "25%" } : null,
            },
            ProgressDeadlineSeconds = 600,
            RevisionHistoryLimit = 10,
        },
        Status = new V1DeploymentStatus(),
    };

    public static V1DaemonSet DaemonSet(string name, string image = "nginx:1", string? surge = null, string? unavailable = null, string strategy = "RollingUpdate") => new()
    {
        ApiVersion = "apps/v1",
        Kind = "DaemonSet",
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-of-" + name, ResourceVersion = "1", Generation = 1 },
        Spec = new V1DaemonSetSpec
        {
            Selector = new V1LabelSelector { MatchLabels = Labels("app=" + name) },
            Template = Template("app=" + name, image),
            UpdateStrategy = new V1DaemonSetUpdateStrategy
            {
                Type = strategy,
                RollingUpdate = strategy == "RollingUpdate" ? new V1RollingUpdateDaemonSet { MaxSurge = surge ?? "0", MaxUnavailable = unavailable ?? "1" } : null,
            },
            RevisionHistoryLimit = 10,
        },
    };

    public static V1StatefulSet StatefulSet(
        string name, int replicas, string image = "nginx:1", string policy = "OrderedReady", int partition = 0, string? unavailable = null, string strategy = "RollingUpdate") => new()
        {
            ApiVersion = "apps/v1",
            Kind = "StatefulSet",
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-of-" + name, ResourceVersion = "1", Generation = 1 },
            Spec = new V1StatefulSetSpec
            {
                Replicas = replicas,
                ServiceName = name,
                PodManagementPolicy = policy,
                Selector = new V1LabelSelector { MatchLabels = Labels("app=" + name) },
                Template = Template("app=" + name, image),
                UpdateStrategy = new V1StatefulSetUpdateStrategy
                {
                    Type = strategy,
                    RollingUpdate = strategy == "RollingUpdate" ? new V1RollingUpdateStatefulSetStrategy { Partition = partition, MaxUnavailable = unavailable } : null,
                },
                RevisionHistoryLimit = 10,
            },
        };

    /// <summary>Without what the server gives an object.</summary>
    public static T Unsaved<T>(T item) where T : IKubernetesObject<V1ObjectMeta>
    {
        item.Metadata.ResourceVersion = item.Metadata.Uid = null;
        item.Metadata.Generation = null;
        item.Metadata.CreationTimestamp = null;
        return item;
    }

    public static V1PodTemplateSpec Template(string labels, string image) => new()
    {
        Metadata = new V1ObjectMeta { Labels = Labels(labels) },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = image }] },
    };

    public static V1Service Service(string name, string selector, string clusterIp = "10.96.0.20", params V1ServicePort[] ports) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-of-" + name, ResourceVersion = "1" },
        Spec = new V1ServiceSpec
        {
            Selector = Labels(selector),
            ClusterIP = clusterIp,
            Ports = ports.Length > 0 ? ports : [new V1ServicePort { Port = 80, Protocol = "TCP" }],
        },
    };

    public static V1OwnerReference Owner(string name, string kind = "ReplicaSet") =>
        new() { ApiVersion = "apps/v1", Kind = kind, Name = name, Uid = "uid-of-" + name, Controller = true, BlockOwnerDeletion = true };

    public static V1Taint Taint(string key, string effect, string value = "") => new() { Key = key, Effect = effect, Value = value };

    private static Dictionary<string, ResourceQuantity>? Requests(string cpu, string memory)
    {
        var requests = new Dictionary<string, ResourceQuantity>();
        if (cpu.Length > 0) requests["cpu"] = new(cpu);
        if (memory.Length > 0) requests["memory"] = new(memory);
        return requests.Count == 0 ? null : requests;
    }
}
