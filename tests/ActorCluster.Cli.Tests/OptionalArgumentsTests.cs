namespace ActorCluster.Cli.Tests;

public sealed class OptionalArgumentsTests
{
    [Fact]
    public async Task Arguments_that_may_be_left_out_are_in_brackets_in_the_list_of_commands_and_those_that_may_be_several_have_dots()
    {
        var node = Lines(await InvokedProgram.HelpAsync("node"));
        node.ShouldContain(line => line.StartsWith("  add [<PROCESS>]      Start a further worker", StringComparison.Ordinal));
        node.ShouldContain(line => line.StartsWith("  kill <PROCESS>...    End processes", StringComparison.Ordinal));
        var all = Lines(await InvokedProgram.HelpAsync(""));
        all.ShouldContain(line => line.StartsWith("  capture [<POD>...]  Write the packets", StringComparison.Ordinal));
        all.ShouldContain(line => line.StartsWith("  trace <FROM> <TO>   Show a packet's way", StringComparison.Ordinal));
    }

    private static string[] Lines((int ExitCode, string Output) help) => help.Output.ReplaceLineEndings("\n").Split('\n');
}
