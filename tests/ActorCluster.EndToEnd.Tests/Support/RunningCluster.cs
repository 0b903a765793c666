using ActorCluster.Host.State;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A cluster that `actorcluster up` started.</summary>
internal sealed class RunningCluster(UserHome home, string name) : Kubectl(new StateRoot(home.State).Cluster(name).Kubeconfig, home.Path)
{
    public UserHome Home => home;

    public string Name => name;

    public ClusterFolder Folder => new StateRoot(home.State).Cluster(name);

    /// <summary>`actorcluster COMMAND... --name NAME`.</summary>
    public Task<CommandResult> ActorClusterAsync(params IReadOnlyList<string> command) => home.ActorClusterAsync([.. command, "--name", name]);
}
