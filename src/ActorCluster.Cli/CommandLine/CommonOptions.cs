using System.CommandLine;
using System.Globalization;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;

namespace ActorCluster.Cli.CommandLine;

/// <summary>Options that several commands share; each call makes a new one, as the parser wants it.</summary>
internal static class CommonOptions
{
    /// <summary>Without a short form: -n is the namespace, here as with kubectl.</summary>
    public static Option<string> Name() => new("--name")
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

    /// <param name="description">What is in it.</param>
    public static Option<string?> Namespace(string description) => new("--namespace", "-n") { Description = description, HelpName = "NAMESPACE" };

    /// <param name="description">What is in them.</param>
    public static Option<bool> AllNamespaces(string description) => new("--all-namespaces", "-A") { Description = description };

    /// <summary>A whole number, of which the user is told in words when it isn't one.</summary>
    public static Option<int> Number(string name, string? alias, string description, string helpName, int otherwise) => new(name, alias is null ? [] : [alias])
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            var text = result.Tokens is [var token] ? token.Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
            result.AddError($"{name}: '{text}' is not a whole number; write it like {(helpName == "PORT" ? 8080 : Math.Max(otherwise, 3))}.");
            return otherwise;
        },
    };

    /// <summary>A port on loopback; 0 takes a free one.</summary>
    public static Option<int> Port(string name, string? alias, string description)
    {
        var option = Number(name, alias, description, "PORT", 0);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port) && port is < 0 or > 65535)
                result.AddError($"{name} {token.Value} is not a port: use 1 to 65535, or leave it out to get a free one.");
        });
        return option;
    }

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
