using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Tests;

public sealed class CommandMistakesTests
{
    [Theory]
    [InlineData("upp", "There is no command 'actorcluster upp'. Did you mean 'actorcluster up'?")]
    [InlineData("nodes", "There is no command 'actorcluster nodes'. Did you mean 'actorcluster node'?")]
    [InlineData("kill worker-1", "There is no command 'actorcluster kill'. Did you mean 'actorcluster node kill'?")]
    [InlineData("node strat worker-1", "There is no command 'actorcluster node strat'. Did you mean 'actorcluster node start'?")]
    [InlineData("frobnicate", "There is no command 'actorcluster frobnicate'.")]
    public void An_unknown_command_is_named_with_the_nearest_that_there_are(string line, string said) => Of(line).ShouldBe([said]);

    [Theory]
    [InlineData("up --wrokers 3", "'actorcluster up' has no option '--wrokers'. Did you mean '--workers'?")]
    [InlineData("up --wrokers=3", "'actorcluster up' has no option '--wrokers'. Did you mean '--workers'?")]
    [InlineData("up extra", "'extra' is more than 'actorcluster up' takes.")]
    [InlineData("status -n lab", "'actorcluster status' has no -n: the cluster's name is --name (-n is the namespace, for services, trace and capture).")]
    public void What_a_command_doesn_t_take_is_named_with_what_it_does(string line, string said) => Of(line).ShouldBe([said]);

    [Fact]
    public void Where_a_command_is_lacking_those_there_are_are_named() =>
        Of("node").ShouldBe(["'actorcluster node' needs a command: add, kill, stop, start, pause, resume, partition, heal."]);

    [Theory]
    [InlineData("up --workers zero", "--workers: 'zero' is not a whole number; write it like 3.")]
    [InlineData("node add --nodes 1.5", "--nodes: '1.5' is not a whole number; write it like 3.")]
    [InlineData("dashboard --port 70000", "--port 70000 is not a port: use 1 to 65535, or leave it out to get a free one.")]
    [InlineData("dashboard --port web", "--port: 'web' is not a whole number; write it like 8080.")]
    public void A_number_that_is_none_is_told_in_words(string line, string said) => Of(line).ShouldBe([said]);

    [Theory]
    [InlineData("services -n shop")]
    [InlineData("trace pod/a svc/b:80 -n shop --name lab")]
    [InlineData("capture -w x.pcapng -n shop")]
    public void The_namespace_is_n_in_all_commands_that_have_one(string line) => InvokedProgram.Tree.Parse(line).GetValue<string?>("--namespace").ShouldBe("shop");

    private static IReadOnlyList<string> Of(string line) => CommandMistakes.Of(InvokedProgram.Tree.Parse(line));
}
