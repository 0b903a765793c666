namespace ActorCluster.Contracts.Streams;

/// <summary>Opens log, exec, attach and port-forward streams to a container, wherever its node's process is.</summary>
public interface IContainerStreamConnector
{
    /// <param name="nodeName">The node that runs the pod (spec.nodeName).</param>
    /// <exception cref="ContainerStreamException">The node can't be reached, or it refuses (no such container, container not running, ...).</exception>
    Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken);
}

/// <summary>The caller's end of a stream.</summary>
public interface IContainerStream : IAsyncDisposable
{
    /// <summary>Sends input; waits while the far end is slow. Input for a far end that is done is dropped.</summary>
    ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>End of input on that channel.</summary>
    ValueTask CloseInputAsync(StreamChannel channel, CancellationToken cancellationToken);

    ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken);

    /// <summary>All output until the far end is done; then <see cref="Completion"/> is set. The reader sets the pace.</summary>
    IAsyncEnumerable<StreamChunk> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>How it ended. Faults with <see cref="ContainerStreamException"/> if the node was lost on the way.</summary>
    Task<StreamExit> Completion { get; }
}

/// <summary>The container's end of a stream, handed to the node's handler.</summary>
public interface IContainerStreamPeer
{
    /// <summary>Input from the caller; an empty result means end of input.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(StreamChannel channel, CancellationToken cancellationToken);

    /// <summary>Output to the caller; waits while the caller is slow.</summary>
    ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Called for each resize of the caller's terminal.</summary>
    Action<TerminalSize>? Resized { get; set; }

    /// <summary>Cancelled when the caller is gone. Reads and writes that wait then throw <see cref="OperationCanceledException"/>.</summary>
    CancellationToken CallerGone { get; }

    /// <summary>
    /// Says that the request will be served: the caller's OpenAsync completes. The first read or write says so too, and so does not refusing
    /// for a while; calling this saves a command that is silent at first from that wait.
    /// </summary>
    void Accept()
    {
    }
}

/// <summary>The node's side: serves one opened stream until it is done.</summary>
public interface IContainerStreamHandler
{
    /// <exception cref="ContainerStreamException">Refused; thrown before the first byte, it becomes the HTTP answer.</exception>
    Task<StreamExit> HandleAsync(ContainerStreamRequest request, IContainerStreamPeer peer);
}

/// <summary>The numbers are those of the Kubernetes remote command protocol.</summary>
public enum StreamChannel : byte
{
    Stdin = 0,
    Stdout = 1,
    Stderr = 2,
    Error = 3,
    Resize = 4,
}

public readonly record struct StreamChunk(StreamChannel Channel, ReadOnlyMemory<byte> Data);

public readonly record struct TerminalSize(ushort Width, ushort Height);

/// <param name="ExitCode">The command's exit code; null where there is none (logs, port-forward).</param>
public readonly record struct StreamExit(int? ExitCode, string? Message = null);

/// <summary>What to open. The pod is named with its uid, so that a namesake that came later is never mistaken for it.</summary>
public abstract record ContainerStreamRequest(string Namespace, string Pod, string PodUid, string Container);

/// <summary>By PodLogOptions (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod).</summary>
public sealed record LogRequest(
    string Namespace, string Pod, string PodUid, string Container,
    bool Follow, bool Previous, bool Timestamps, long? TailLines, long? SinceSeconds, DateTimeOffset? SinceTime, long? LimitBytes)
    : ContainerStreamRequest(Namespace, Pod, PodUid, Container);

public sealed record ExecRequest(
    string Namespace, string Pod, string PodUid, string Container,
    IReadOnlyList<string> Command, bool Stdin, bool Stdout, bool Stderr, bool Tty)
    : ContainerStreamRequest(Namespace, Pod, PodUid, Container);

public sealed record AttachRequest(
    string Namespace, string Pod, string PodUid, string Container,
    bool Stdin, bool Stdout, bool Stderr, bool Tty)
    : ContainerStreamRequest(Namespace, Pod, PodUid, Container);

/// <summary>Bytes to and from one TCP port on the pod's localhost: stdin is what goes in, stdout what comes back.</summary>
public sealed record PortForwardRequest(string Namespace, string Pod, string PodUid, int Port)
    : ContainerStreamRequest(Namespace, Pod, PodUid, "");

/// <summary>
/// A TCP connection from the node's own network: stdin is what goes in, stdout what comes back. The stream is accepted once the
/// connection stands, and refused with Go's words for what went wrong: <c>dial tcp 10.244.1.2:80: connect: connection refused</c>.
/// </summary>
public sealed record DialRequest(string Address, int Port) : ContainerStreamRequest("", "", "", "");

/// <summary>A GET of a path that the node's agent itself serves, /healthz for one; its body comes on stdout, after an <see cref="AgentAnswer"/>.</summary>
public sealed record AgentRequest(string Path) : ContainerStreamRequest("", "", "", "");

/// <summary>Asks a node's network what would become of a packet; the answer, on stdout, is one JSON document (see README, trace).</summary>
/// <param name="Protocol">tcp, udp or icmp.</param>
/// <param name="IsFirst">The packet is at its sender's node; else it comes from another one.</param>
public sealed record TraceRequest(string Protocol, string Source, int SourcePort, string Destination, int Port, int TimeToLive, bool IsFirst)
    : ContainerStreamRequest("", "", "", "");

/// <summary>Asks for a name's addresses as a pod's programs would, over the pod's network; the answer, on stdout, is one JSON document.</summary>
public sealed record LookupRequest(string Namespace, string Pod, string PodUid, string Name) : ContainerStreamRequest(Namespace, Pod, PodUid, "");

/// <summary>Copies the packets that a node's pods send and get to stdout, until the caller goes.</summary>
/// <param name="Pods">"namespace/name"; none: all pods of the node.</param>
public sealed record CaptureRequest(IReadOnlyList<string> Pods) : ContainerStreamRequest("", "", "", "");

/// <summary>Kills a container's processes, as SIGKILL does; its pod's restart policy says what becomes of it.</summary>
public sealed record KillContainerRequest(string Namespace, string Pod, string PodUid, string Container) : ContainerStreamRequest(Namespace, Pod, PodUid, Container);

/// <param name="statusCode">The HTTP status that the API server should answer with.</param>
/// <param name="reason">The Kubernetes reason, e.g. "BadRequest", "NotFound", "InternalError".</param>
public sealed class ContainerStreamException(int statusCode, string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public int StatusCode { get; } = statusCode;
    public string Reason { get; } = reason;
}
