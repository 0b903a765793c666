using ActorCluster.Containers.Runtime;

namespace ActorCluster.Nodes.Processes;

/// <summary>What containerd and runc say when a process can't be started; the part after "process: " is the runtime's own.</summary>
internal static class OciErrors
{
    public static string StartFailed(ProgramNotFoundException fault) =>
        $"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {fault.Message}: unknown";

    public static string ExecFailed(ProgramNotFoundException fault) =>
        $"OCI runtime exec failed: exec failed: unable to start container process: {fault.Message}: unknown";
}
