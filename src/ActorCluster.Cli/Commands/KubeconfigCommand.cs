using System.CommandLine;
using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Commands;

/// <summary>Prints where a cluster's kubeconfig is.</summary>
internal sealed class KubeconfigCommand : Command, IHasExamples
{
    private readonly Option<string> _name = CommonOptions.Name();

    public KubeconfigCommand(CliContext cli)
        : base("kubeconfig", "Print the path of a cluster's kubeconfig.")
    {
        Add(_name);
        SetAction(cli.Guard((parsed, _) =>
        {
            cli.Terminal.Line(cli.RequireCluster(parsed.GetValue(_name)!).Kubeconfig);
            return Task.FromResult(ExitCode.Success);
        }));
    }

    public IReadOnlyList<string> Examples => ["export KUBECONFIG=$(actorcluster kubeconfig)"];
}
