using System.Text.Json.Serialization;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Host.State;

/// <summary>What `up` decided, once: enough to start each of the cluster's processes again just as it was.</summary>
/// <param name="Processes">The control plane first, then the workers.</param>
/// <param name="KubeconfigCopy">Where the user wanted the kubeconfig besides the cluster's folder.</param>
/// <param name="WorkerArguments">What every worker is told, also one that is added later; null where the cluster is one process.</param>
public sealed record ClusterRecord(
    string Name,
    int ApiPort,
    IReadOnlyList<PlannedProcess> Processes,
    string? KubeconfigCopy = null,
    IReadOnlyList<string>? WorkerArguments = null);

/// <param name="Port">The port of its Akka.Remote endpoint, the same in each of its lives.</param>
/// <param name="Nodes">The nodes it hosts; none for the control plane.</param>
/// <param name="Arguments">The command line that runs it.</param>
public sealed record PlannedProcess(string Name, ProcessRole Role, int Port, IReadOnlyList<string> Nodes, IReadOnlyList<string> Arguments);

/// <summary>One life of a process, as both the parent and the process itself write it down.</summary>
/// <param name="Serving">The process has said that it does its work.</param>
public sealed record ProcessRecord(
    string Name, ProcessRole Role, int ProcessId, string Started, int Port, IReadOnlyList<string> Arguments, bool Serving = false)
{
    [JsonIgnore]
    public Processes.ProcessIdentity Identity => new(ProcessId, Started);
}

/// <summary>That a process is cut off from another one.</summary>
/// <param name="Process">The other one's name.</param>
/// <param name="Address">Its Akka address.</param>
public sealed record RecordedCut(string Process, string Address, LinkLoss Loss);

[JsonConverter(typeof(JsonStringEnumConverter<ProcessRole>))]
public enum ProcessRole
{
    ControlPlane,
    Worker,
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(ProcessRecord))]
[JsonSerializable(typeof(IReadOnlyList<OpenSocket>))]
[JsonSerializable(typeof(IReadOnlyList<RecordedCut>))]
internal sealed partial class StateJson : JsonSerializerContext;
