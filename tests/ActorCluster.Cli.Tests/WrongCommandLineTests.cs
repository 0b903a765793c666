namespace ActorCluster.Cli.Tests;

/// <summary>Mistakes on the command line: what the parser says of them. That the program then ends with exit code 2 is for <see cref="ProgramTests"/>.</summary>
public sealed class WrongCommandLineTests
{
    [Theory]
    [InlineData("up --workers many", "many")]
    [InlineData("up --wrokers 3", "--wrokers")]
    [InlineData("up extra", "extra")]
    [InlineData("up --timing slow", "slow")]
    [InlineData("up --timeout soon", "--timeout: 'soon' is not a duration; write it like 30s, 1m30s or 500ms.")]
    [InlineData("up --node-monitor-grace-period=-1s", "--node-monitor-grace-period: '-1s' can't be read; kubernetes's own value is")]
    [InlineData("logs", "logs")]
    [InlineData("node kill", "kill")]
    [InlineData("node start worker-1 --timeout", "--timeout")]
    [InlineData("nodes", "nodes")]
    public void A_mistake_is_named(string line, string named) =>
        InvokedProgram.Tree.Parse(line).Errors.Select(error => error.Message).ShouldContain(message => message.Contains(named, StringComparison.Ordinal));

    [Fact]
    public void All_mistakes_are_named_at_once()
    {
        var errors = InvokedProgram.Tree.Parse("up --workers many --timeout soon --node-monitor-period never").Errors;

        foreach (var named in (string[])["many", "soon", "never"]) errors.ShouldContain(error => error.Message.Contains(named, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("up --name second -w 5 --nodes-per-worker 10 --kubeconfig /tmp/k --api-port 6443 --data /tmp/d --timeout 2m --timing kubernetes --node-monitor-grace-period=20s")]
    [InlineData("up --in-process")]
    [InlineData("node stop control-plane --name second")]
    [InlineData("logs -f worker-1")]
    [InlineData("demo --no-kubectl")]
    public void What_is_right_parses(string line) => InvokedProgram.Tree.Parse(line).Errors.ShouldBeEmpty();
}
