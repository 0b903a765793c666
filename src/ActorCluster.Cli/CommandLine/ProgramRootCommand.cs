using System.CommandLine;

namespace ActorCluster.Cli.CommandLine;

/// <summary>The program itself.</summary>
internal sealed class ProgramRootCommand(string description) : RootCommand(description), IHasExamples
{
    public IReadOnlyList<string> Examples => ["actorcluster demo", "actorcluster up --workers 3", "export KUBECONFIG=$(actorcluster kubeconfig) && kubectl get nodes", "actorcluster down"];
}
