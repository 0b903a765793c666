using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Processes;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>What an ended instance left to be told in its status (getTerminationMessage in pkg/kubelet/kuberuntime/kuberuntime_container.go).</summary>
internal static class TerminationMessages
{
    private const string DefaultPath = "/dev/termination-log";

    /// <summary>MaxContainerTerminationMessageLength in pkg/kubelet/container.</summary>
    private const int MaximumLength = 4096;

    private const int LogLines = 80;
    private const int LogBytes = 2048;

    public static string? Read(ContainerInstance instance, V1Container spec, int exitCode)
    {
        if (ReadFile(instance.Container.Files, PathOf(spec)) is { Length: > 0 } message) return message;
        if (spec.TerminationMessagePolicy != "FallbackToLogsOnError" || exitCode == 0) return null;
        instance.Log.Complete();
        return instance.Log.Tail(LogLines, LogBytes) is { Length: > 0 } tail ? Encoding.UTF8.GetString(tail) : null;
    }

    public static string PathOf(V1Container spec) => string.IsNullOrEmpty(spec.TerminationMessagePath) ? DefaultPath : spec.TerminationMessagePath;

    private static string? ReadFile(IFileSystem files, string path)
    {
        try
        {
            if (!files.Exists(path) || files.Stat(path).Kind != FileKind.Regular) return null;
            using var stream = files.Open(path, FileOpen.Read);
            var buffer = new byte[MaximumLength];
            var count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(buffer, 0, count);
        }
        catch (FileFaultException)
        {
            // What can't be read is no message.
            return null;
        }
    }
}
