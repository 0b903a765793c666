using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>Command lines that messages tell the user to type.</summary>
public static class CommandLines
{
    /// <param name="words">The command with its arguments, "node start worker-1".</param>
    /// <returns>It for this cluster, which has to be named unless it is the default one.</returns>
    public static string Command(this ClusterFolder folder, string words) =>
        folder.Name == ClusterOptions.DefaultName ? $"actorcluster {words}" : $"actorcluster {words} --name {folder.Name}";
}
