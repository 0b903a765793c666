using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Volumes;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>Why an instance can't be made now.</summary>
/// <param name="reason">One of <see cref="WaitingReasons"/>.</param>
internal sealed class ContainerPlanException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}

/// <summary>Makes the plan of one instance: its image, its variables, its mounts (startContainer and generateContainerConfig in pkg/kubelet/kuberuntime).</summary>
internal sealed class ContainerPlanner(NodeServices node)
{
    private const int ContainerIdBytes = 32;

    /// <exception cref="ContainerPlanException">The image or something that it refers to isn't there; the events have been recorded.</exception>
    public ContainerPlan Plan(PodState state, string name, PodSandbox sandbox, PodVolumes volumes)
    {
        var pod = state.AllocatedPod;
        var spec = (ReferenceEquals(pod, state.Pod) ? state : state with { Pod = pod }).Spec(name)!;
        try
        {
            var image = Pull(pod, spec.Name, spec.Image ?? "", spec.ImagePullPolicy);
            var configuration = Configure(pod, spec, image, sandbox, volumes);
            var grace = TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30);
            return new ContainerPlan(PodEvents.About(pod, name), pod.Spec.Containers.Count > 1, grace, spec, state.Find(name)!.Role, configuration, NewId(), image.Id, image.Name, sandbox.PodIPs[0]);
        }
        catch (PodConfigurationException fault)
        {
            PodEvents.Record(node, pod, name, "Warning", "Failed", $"Error: {fault.Message}");
            throw new ContainerPlanException(WaitingReasons.CreateContainerConfigError, fault.Message);
        }
        catch (ContainerPlanException fault)
        {
            PodEvents.Record(node, pod, name, "Warning", "Failed", $"Error: {fault.Reason}");
            throw;
        }
    }

    /// <param name="container">Whose it is; null for a volume's.</param>
    /// <param name="wanted">imagePullPolicy; null: the one that goes with the tag.</param>
    /// <exception cref="ContainerPlanException">It can't be had; the events have been recorded.</exception>
    public PulledImage Pull(V1Pod pod, string? container, string image, string? wanted)
    {
        if (!ImageReference.TryParse(image, out var reference))
        {
            var text = $"Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format";
            PodEvents.Record(node, pod, container, "Warning", "InspectFailed", text);
            throw new ContainerPlanException(WaitingReasons.InvalidImageName, text);
        }
        var policy = wanted ?? (reference.Tag == "latest" ? "Always" : "IfNotPresent");
        if (policy != "Always" && node.Images.Find(reference) is { } present)
        {
            PodEvents.Record(node, pod, container, "Normal", "Pulled", $"Container image \"{image}\" already present on machine and can be accessed by the pod");
            return present;
        }
        if (policy == "Never")
        {
            var text = $"Container image \"{image}\" is not present with pull policy of Never";
            PodEvents.Record(node, pod, container, "Warning", WaitingReasons.ErrImageNeverPull, text);
            throw new ContainerPlanException(WaitingReasons.ErrImageNeverPull, text);
        }
        PodEvents.Record(node, pod, container, "Normal", "Pulling", $"Pulling image \"{image}\"");
        if (node.Images.Pull(reference) is { } pulled)
        {
            PodEvents.Record(node, pod, container, "Normal", "Pulled", $"Successfully pulled image \"{image}\" in 0s (0s including waiting). Image size: {pulled.Size} bytes.");
            return pulled;
        }
        var fault = $"no emulated image \"{image}\"; images that exist: {string.Join(", ", node.Runtime.ImageNames)}";
        PodEvents.Record(node, pod, container, "Warning", "Failed", $"Failed to pull image \"{image}\": {fault}");
        throw new ContainerPlanException(WaitingReasons.ErrImagePull, fault);
    }

    private ContainerConfiguration Configure(V1Pod pod, V1Container spec, PulledImage image, PodSandbox sandbox, PodVolumes volumes)
    {
        ContainerIdentity.CheckNonRoot(pod, spec, image.Image.UserId);
        var addresses = new PodAddresses(node.HostIPs, sandbox.PodIPs);
        var environment = ContainerEnvironment.Build(pod, spec, node.Objects, addresses, node.Allocatable);
        var mounts = volumes.MountsOf(spec, environment);
        var files = new Dictionary<string, string>(3, StringComparer.Ordinal)
        {
            ["/etc/hostname"] = PodHosts.KernelHostname(pod, node.NodeName) + "\n",
            ["/etc/resolv.conf"] = PodDns.ResolvConf(pod.Spec, pod.Metadata.NamespaceProperty),
        };
        if (!mounts.Any(mount => mount.MountPath == "/etc/hosts")) files["/etc/hosts"] = PodHosts.HostsFile(pod, node.NodeName, sandbox.PodIPs);
        return new ContainerConfiguration(
            spec.Name, image.Image, Expand(spec.Command, environment), Expand(spec.Args, environment), environment, spec.WorkingDir,
            PodHosts.KernelHostname(pod, node.NodeName), sandbox.Network, mounts, files, node.Simulation, node.Programs, spec.Stdin == true, spec.Tty == true)
        {
            UserId = ContainerIdentity.UserId(pod, spec),
            GroupId = ContainerIdentity.GroupId(pod, spec),
            Groups = ContainerIdentity.Groups(pod),
            OnlyGivenGroups = pod.Spec.SecurityContext?.SupplementalGroupsPolicy == "Strict",
            NoNewPrivileges = spec.SecurityContext?.AllowPrivilegeEscalation == false,
            ReadOnlyRoot = spec.SecurityContext?.ReadOnlyRootFilesystem == true,
            TerminationMessagePath = TerminationMessages.PathOf(spec),
            KernelParameters = (pod.Spec.SecurityContext?.Sysctls ?? []).ToDictionary(sysctl => sysctl.Name.Replace('/', '.'), sysctl => sysctl.Value, StringComparer.Ordinal),
            ControlGroup = new ControlGroup(ContainerLimits.Of(pod, spec.Resources), ContainerLimits.OomScoreAdjustment(pod, spec, node.Allocatable["memory"])),
        };
    }

    private static List<string>? Expand(IList<string>? words, Dictionary<string, string> environment) =>
        words is null ? null : [.. words.Select(word => Expansion.Expand(word, environment.GetValueOrDefault))];

    private string NewId()
    {
        Span<byte> bytes = stackalloc byte[ContainerIdBytes];
        node.Simulation.Random.NextBytes(bytes);
        return $"actorcluster://{Convert.ToHexStringLower(bytes)}";
    }
}
