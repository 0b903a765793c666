using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Client;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands.Node;

/// <summary>What a user did to a process, told by events on its nodes: `kubectl describe node` shows why they are as they are.</summary>
internal static class NodeEventRecorder
{
    /// <param name="processes">Whose nodes get the event.</param>
    public static async Task RecordAsync(
        this CliContext cli, ClusterFolder folder, IReadOnlyCollection<string> processes, bool warning, string reason, string message, CancellationToken cancellationToken)
    {
        var nodes = (folder.ReadCluster()?.Processes ?? []).Where(process => process.Role == ProcessRole.Worker && processes.Contains(process.Name)).SelectMany(process => process.Nodes).ToList();
        if (nodes.Count > 0 && !await NodeEvents.RecordAsync(folder, nodes, warning, reason, message, cli.Clock, cancellationToken))
            cli.Terminal.Progress("The API does not answer: there is no event of it.");
    }

    /// <summary>Whose nodes are concerned when a process is cut off from others: those of workers alone, since the control plane has none.</summary>
    public static IReadOnlyCollection<string> Concerned(string process, IEnumerable<string> others) => process == RunArguments.ControlPlane ? [.. others] : [process];
}
