using System.Text;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Agent;
using ActorCluster.TestKit.Networking;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.TestKit.Objects;

/// <summary>What a command in a container has said, and how it ended.</summary>
public sealed record ExecResult(int ExitCode, string Stdout, string Stderr);

/// <summary>One pod: its object, its containers, its network.</summary>
public sealed class PodHandle : ObjectHandle<V1Pod>
{
    private static readonly TimeSpan UsualHttpTimeout = TimeSpan.FromSeconds(100);

    internal PodHandle(TestCluster cluster, string ns, string name) : base(cluster, ns, name) { }

    /// <summary>
    /// An HttpClient inside the pod: it resolves names as the pod's programs do, and its connections come from the pod, through its node's tables and policies. It looks for the pod
    /// at each new connection, so that it may be made before the pod runs.
    /// </summary>
    /// <param name="timeout">For a request, by the cluster's clock; null: 100 seconds, HttpClient's own.</param>
    public HttpClient CreateHttpClient(TimeSpan? timeout = null) =>
        new(new PodHttpHandler(this, timeout ?? UsualHttpTimeout), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Runs a command in a container, as `kubectl exec` does, and waits for its end.</summary>
    /// <exception cref="ContainerStreamException">There is no such container, or it doesn't run.</exception>
    public Task<ExecResult> ExecAsync(params IReadOnlyList<string> command) => ExecAsync(null, command);

    /// <param name="container">Null: the first.</param>
    /// <inheritdoc cref="ExecAsync(IReadOnlyList{string})"/>
    public Task<ExecResult> ExecAsync(string? container, IReadOnlyList<string> command, CancellationToken cancellationToken = default) => Cluster.RunAsync(async () =>
    {
        var pod = await RunningAsync(cancellationToken);
        var request = new ExecRequest(Namespace, Name, pod.Metadata.Uid, container ?? pod.Spec.Containers[0].Name, command, false, true, true, false);
        var (exit, stdout, stderr) = await StreamAsync(pod, request, cancellationToken);
        return new ExecResult(exit.ExitCode ?? 0, stdout, stderr);
    });

    /// <summary>What a container has said so far, both streams together.</summary>
    /// <param name="container">Null: the first.</param>
    /// <param name="previous">Of the instance before this one.</param>
    /// <exception cref="ContainerStreamException">There is no such container, or it hasn't run yet.</exception>
    public Task<string> LogsAsync(string? container = null, bool previous = false, CancellationToken cancellationToken = default) => Cluster.RunAsync(async () =>
    {
        var pod = await RunningAsync(cancellationToken);
        var request = new LogRequest(Namespace, Name, pod.Metadata.Uid, container ?? pod.Spec.Containers[0].Name, false, previous, false, null, null, null, null);
        var (_, stdout, stderr) = await StreamAsync(pod, request, cancellationToken);
        return stdout + stderr;
    });

    public Task<V1Pod> ShouldBeRunningAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static pod => pod.Status?.Phase == "Running", within, "be Running", cancellationToken);

    public Task<V1Pod> ShouldBeReadyAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static pod => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false, within, "be Ready", cancellationToken);

    /// <summary>Waits until all its containers have ended with 0, never to start again.</summary>
    public Task<V1Pod> ShouldSucceedAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static pod => pod.Status?.Phase == "Succeeded", within, "be Succeeded", cancellationToken);

    public Task<V1Pod> ShouldFailAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static pod => pod.Status?.Phase == "Failed", within, "be Failed", cancellationToken);

    /// <summary>On the loop: the pod's network, as it is now.</summary>
    internal async Task<PodNetwork> NetworkAsync(CancellationToken cancellationToken)
    {
        var pod = await RunningAsync(cancellationToken);
        var network = await Cluster.Inner.Nodes.Ask<PodNetwork>(new GetPodNetwork(pod.Spec.NodeName, pod.Metadata.Uid), cancellationToken);
        return network.Network is null ? throw new HttpRequestException($"pod {Namespace}/{Name} has no network now: it is {pod.Status?.Phase}") : network;
    }

    /// <summary>What to tell whoever wants something of the pod while there is none: which there are.</summary>
    internal async Task<ClusterAssertionException> AbsentAsync()
    {
        var others = await Cluster.Client.ListAsync<V1Pod>();
        var here = others.Where(other => other.Metadata.NamespaceProperty == Namespace).Select(other => other.Metadata.Name).ToList();
        var elsewhere = others.Where(other => other.Metadata.Name == Name).Select(other => other.Metadata.NamespaceProperty).ToList();
        return new($"There is no pod {Namespace}/{Name}; {(here.Count == 0 ? $"there are none in {Namespace}" : $"in {Namespace} there are {string.Join(", ", here)}")}"
            + $"{(elsewhere.Count == 0 ? "" : $", and one of that name in {string.Join(", ", elsewhere)}")}.");
    }

    /// <exception cref="ContainerStreamException">No node has it yet.</exception>
    internal static V1Pod Scheduled(V1Pod pod) =>
        string.IsNullOrEmpty(pod.Spec.NodeName) ? throw new ContainerStreamException(409, "Conflict", $"pod {pod.Metadata.Name} does not have a host assigned") : pod;

    private async Task<V1Pod> RunningAsync(CancellationToken cancellationToken)
    {
        var pod = await Cluster.Client.GetAsync<V1Pod>(Namespace, Name, cancellationToken) ?? throw new ContainerStreamException(404, "NotFound", $"pods \"{Name}\" not found");
        return Scheduled(pod);
    }

    private async Task<(StreamExit Exit, string Stdout, string Stderr)> StreamAsync(V1Pod pod, ContainerStreamRequest request, CancellationToken cancellationToken)
    {
        using MemoryStream stdout = new(), stderr = new();
        await using var stream = await Cluster.Inner.Streams.OpenAsync(pod.Spec.NodeName, request, cancellationToken);
        await foreach (var chunk in stream.ReadAllAsync(cancellationToken)) (chunk.Channel == StreamChannel.Stdout ? stdout : stderr).Write(chunk.Data.Span);
        var exit = await stream.Completion;
        return (exit, Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }
}
