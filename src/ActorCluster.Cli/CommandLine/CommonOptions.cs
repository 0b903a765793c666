using System.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;

namespace ActorCluster.Cli.CommandLine;

/// <summary>Options that several commands share; each call makes a new one, as the parser wants it.</summary>
internal static class CommonOptions
{
    public static Option<string> Name() => new("--name", "-n")
    {
        Description = "The cluster's name.",
        DefaultValueFactory = _ => ClusterOptions.DefaultName,
        HelpName = "NAME",
    };

    public static Option<string?> Kubeconfig() => new("--kubeconfig")
    {
        Description = "Ask the cluster of this kubeconfig, as Docker Compose runs it, instead of one that `up` started.",
        HelpName = "FILE",
    };

    public static Option<Duration> Duration(string name, string description, TimeSpan otherwise) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        DefaultValueFactory = _ => new Duration(otherwise),
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (Durations.TryParse(text, out var duration)) return new Duration(duration);
            result.AddError($"{name}: '{text}' is not a duration; write it like 30s, 1m30s or 500ms.");
            return new Duration(otherwise);
        },
    };
}
