using k8s.Models;

namespace ActorCluster.Nodes.Tests.Support;

/// <summary>Pods as the API server would hand them out: defaulted, with a uid.</summary>
internal static class TestPods
{
    public static V1Pod Pod(string name = "web", string restartPolicy = "Always", IEnumerable<V1Container>? containers = null, IEnumerable<V1Container>? init = null, long grace = 30) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = $"uid-of-{name}", ResourceVersion = "1", Generation = 1 },
        Spec = new V1PodSpec
        {
            NodeName = "node-1",
            RestartPolicy = restartPolicy,
            DnsPolicy = "ClusterFirst",
            EnableServiceLinks = true,
            TerminationGracePeriodSeconds = grace,
            Containers = [.. containers ?? [Container("main")]],
            InitContainers = init is null ? null : [.. init],
        },
    };

    public static V1Container Container(string name, string image = "test/sleeper", params string[] command) => new()
    {
        Name = name,
        Image = image,
        ImagePullPolicy = "IfNotPresent",
        Command = command.Length == 0 ? null : command,
    };

    public static V1Container Sidecar(string name)
    {
        var container = Container(name);
        container.RestartPolicy = "Always";
        return container;
    }

    public static V1Pod Deleted(V1Pod pod, DateTimeOffset at, long grace = 30)
    {
        var copy = Copy(pod);
        copy.Metadata.DeletionTimestamp = at.UtcDateTime;
        copy.Metadata.DeletionGracePeriodSeconds = grace;
        return copy;
    }

    public static V1Pod Copy(V1Pod pod) => k8s.KubernetesJson.Deserialize<V1Pod>(k8s.KubernetesJson.Serialize(pod));
}
