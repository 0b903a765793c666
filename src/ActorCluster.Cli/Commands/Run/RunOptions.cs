using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>What both kinds of process are told.</summary>
internal sealed class RunOptions
{
    private const int DefaultPort = 20000;

    private readonly TimingOptions _timing = new();
    private readonly Option<string> _process;

    private readonly Option<ProcessEndpoint?> _endpoint = new("--endpoint")
    {
        Description = $"Where the other processes find this one; this machine's name and port {DefaultPort} unless told otherwise.", HelpName = "HOST:PORT",
        CustomParser = result => ParseEndpoint(result, result.Tokens is [var token] ? token.Value : ""),
    };

    private readonly Option<string> _bind = new("--bind")
    {
        Description = "The address to listen on for them.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1",
    };

    private readonly Option<ProcessEndpoint[]> _workers = new("--worker")
    {
        Description = "Another worker's endpoint; may be given many times.", HelpName = "HOST:PORT", CustomParser = result => [.. result.Tokens.Select(token => ParseEndpoint(result, token.Value))],
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "The state folder of the cluster that `up` started this process for.", HelpName = "DIR",
    };

    private readonly Option<string?> _servingFile = new("--serving-file")
    {
        Description = "Make this file when the process does its work: a worker once its nodes are Ready. For a container engine's health check.", HelpName = "FILE",
    };

    /// <summary>Here for --help: Program has acted on it before the command line is parsed.</summary>
    private readonly Option<string?> _log = new("--log")
    {
        Description = "Go to the background: leave the terminal and write to this file. To be written --log=FILE.", HelpName = "FILE",
    };

    private readonly Option<int?> _seed = new("--seed") { Description = "The seed of every chance.", HelpName = "N" };

    /// <param name="defaultProcess">The process's name unless told otherwise; null: this machine's, which in a container is the container's.</param>
    public RunOptions(string? defaultProcess) => _process = new("--process")
    {
        Description = defaultProcess is null ? "The process's name; this machine's unless told otherwise." : "The process's name.",
        HelpName = "NAME",
        DefaultValueFactory = _ => defaultProcess ?? MachineName,
    };

    private static string MachineName => Environment.MachineName.ToLowerInvariant();

    public void AddTo(Command command)
    {
        command.Add(_process);
        command.Add(_endpoint);
        command.Add(_bind);
        command.Add(_workers);
        command.Add(_state);
        command.Add(_servingFile);
        command.Add(_log);
        command.Add(_seed);
        _timing.AddTo(command);
    }

    public string Process(ParseResult parsed) => parsed.GetValue(_process)!;
    public NetworkBinding Binding(ParseResult parsed) => new(parsed.GetValue(_endpoint) ?? new ProcessEndpoint(MachineName, DefaultPort), parsed.GetValue(_bind)!);
    public IReadOnlyList<ProcessEndpoint> Workers(ParseResult parsed) => parsed.GetValue(_workers) ?? [];
    public ClusterTimings Timings(ParseResult parsed) => _timing.Read(parsed);
    public string TimingPreset(ParseResult parsed) => _timing.Preset(parsed);
    public ClusterFolder? State(ParseResult parsed) => parsed.GetValue(_state) is { } path ? new ClusterFolder(path, Path.GetFileName(path)) : null;
    public string? ServingFile(ParseResult parsed) => parsed.GetValue(_servingFile);
    public SimulationContext Simulation(ParseResult parsed, CliContext cli) => parsed.GetValue(_seed) is { } seed ? SimulationContext.RealTime(seed) : cli.Simulation;

    public static Option<ProcessEndpoint> RequiredEndpoint(string name, string description) => new(name)
    {
        Description = description, HelpName = "HOST:PORT", Required = true, CustomParser = result => ParseEndpoint(result, result.Tokens is [var token] ? token.Value : ""),
    };

    private static ProcessEndpoint ParseEndpoint(System.CommandLine.Parsing.ArgumentResult result, string text)
    {
        if (!ProcessEndpoint.TryParse(text, out var endpoint)) result.AddError($"'{text}' is not an endpoint; write it like 127.0.0.1:20001.");
        return endpoint;
    }
}
