using System.CommandLine;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;

namespace ActorCluster.Cli.CommandLine;

/// <summary>--timing, and a flag for each timer by its upstream name.</summary>
internal sealed class TimingOptions
{
    private readonly Option<string> _preset = new("--timing")
    {
        Description = "Failure timing: 'fast' is scaled for people who watch, 'kubernetes' has upstream's own values. Single timers are set by the flags below.",
        HelpName = $"{TimingFlags.Fast}|{TimingFlags.Kubernetes}",
        DefaultValueFactory = _ => TimingFlags.Fast,
    };

    private readonly List<(TimingFlag Flag, Option<string?> Option)> _flags =
        [.. TimingFlags.All.Select(flag => (flag, new Option<string?>($"--{flag.Name}") { Description = $"Timer: {flag.Description}.", HelpName = "VALUE" }))];

    public void AddTo(Command command)
    {
        _preset.AcceptOnlyFromAmong(TimingFlags.Fast, TimingFlags.Kubernetes);
        command.Add(_preset);
        foreach (var (flag, option) in _flags)
        {
            option.Validators.Add(result =>
            {
                var text = result.Tokens is [var token] ? token.Value : "";
                if (flag.Apply(ClusterTimings.Kubernetes, text) is null)
                    result.AddError($"--{flag.Name}: '{text}' can't be read; kubernetes's own value is {flag.Read(ClusterTimings.Kubernetes)}.");
            });
            command.Add(option);
        }
    }

    public string Preset(ParseResult parsed) => parsed.GetValue(_preset)!;

    public ClusterTimings Read(ParseResult parsed)
    {
        var timings = TimingFlags.Preset(Preset(parsed))!;
        foreach (var (flag, option) in _flags)
            if (parsed.GetValue(option) is { } text)
                timings = flag.Apply(timings, text)!;
        return timings;
    }
}
