namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>What a program that has ended left: its exit code and all that it wrote.</summary>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public CommandResult ShouldSucceed() => ShouldExitWith(0);

    public CommandResult ShouldExitWith(int code)
    {
        ExitCode.ShouldBe(code, ToString());
        return this;
    }

    /// <summary>Failed with that exit code, and said each of these on standard error.</summary>
    public CommandResult ShouldFailWith(int code, params ReadOnlySpan<string> said)
    {
        ShouldExitWith(code);
        foreach (var text in said) Error.ShouldContain(text, Case.Sensitive, ToString());
        return this;
    }

    public override string ToString() => $"$ {CommandLine}\n{Output}\n{Error}\n(exit code {ExitCode})";
}
