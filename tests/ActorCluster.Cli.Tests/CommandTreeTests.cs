using System.CommandLine;
using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Tests;

public sealed class CommandTreeTests
{
    public static TheoryData<string> Paths => [.. InvokedProgram.Commands.Select(command => command.Path)];

    [Theory]
    [InlineData("run", "actorcluster run control-plane --help")]
    [InlineData("run worker", "actorcluster run worker --")]
    public async Task Commands_that_are_not_listed_explain_themselves_too(string path, string example)
    {
        var (code, output) = await InvokedProgram.HelpAsync(path);
        code.ShouldBe(0);
        output.ShouldContain(example);
    }

    [Fact]
    public void The_commands_are_those_that_are_documented() =>
        InvokedProgram.Commands.Select(command => command.Path).Order(StringComparer.Ordinal).ShouldBe(
        [
            "", "capture", "dashboard", "demo", "down", "kubeconfig", "list", "logs", "node", "node add", "node heal", "node kill", "node partition", "node pause", "node resume", "node start", "node stop", "services", "status", "trace", "up",
        ]);

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_command_says_what_it_does(string path)
    {
        var help = await InvokedProgram.HelpAsync(path);

        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("Usage:");
        var command = InvokedProgram.Commands.Single(command => command.Path == path).Command;
        command.Description.ShouldNotBeNullOrWhiteSpace();
        foreach (var symbol in command.Options.Where(option => !option.Hidden).Select(option => (option.Name, option.Description))
            .Concat(command.Arguments.Select(argument => (argument.Name, argument.Description))))
        {
            symbol.Description.ShouldNotBeNullOrWhiteSpace(symbol.Name);
            help.Output.ShouldContain(symbol.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_command_shows_how_it_is_used_by_command_lines_that_parse(string path)
    {
        var command = InvokedProgram.Commands.Single(command => command.Path == path).Command;
        var examples = command.ShouldBeAssignableTo<IHasExamples>($"{path} has no example.")!.Examples;

        examples.ShouldNotBeEmpty();
        var help = (await InvokedProgram.HelpAsync(path)).Output;
        var shown = new List<Command>();
        foreach (var example in examples)
        {
            help.ShouldContain(example);
            // What a shell would run of it: the part that starts with our program's name.
            var words = example[example.IndexOf("actorcluster ", StringComparison.Ordinal)..].Split(['#', ')', '&'])[0].Trim()["actorcluster ".Length..];
            var parsed = InvokedProgram.Tree.Parse(words);
            parsed.Errors.ShouldBeEmpty(example);
            shown.Add(parsed.CommandResult.Command);
        }

        // One that only holds others shows some of those.
        shown.ShouldContain(one => one == command || (command.Action == null && command.Subcommands.Contains(one)));
    }

    [Fact]
    public async Task The_exit_codes_are_in_the_help()
    {
        var help = (await InvokedProgram.HelpAsync("")).Output;

        foreach (var code in (int[])[ExitCode.Success, ExitCode.Failure, ExitCode.Usage, ExitCode.NotFound, ExitCode.Timeout, ExitCode.Interrupted])
            help.ShouldMatch($@"\b{code} \w+", $"Exit code {code} is not explained.");
    }
}
