using System.Diagnostics;

namespace ActorCluster.Cli.Tests;

/// <summary>The program itself, as a process: exit codes, and what goes to which stream.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _home = Directory.CreateTempSubdirectory("actorcluster-cli-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("up --workers many", "See 'actorcluster up --help'.")]
    [InlineData("node kill", "See 'actorcluster node kill --help'.")]
    [InlineData("nodes", "See 'actorcluster --help'.")]
    [InlineData("up --workers -1", "workers")]
    [InlineData("up --workers 1 --nodes-per-worker 0", "nodes-per-worker")]
    [InlineData("up --name Not_A_Name", "Not_A_Name")]
    [InlineData("up --api-port 70000", "api-port")]
    public async Task A_wrong_command_line_ends_with_2_and_says_why_on_standard_error(string line, string said)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));

        code.ShouldBe(2, error);
        error.ShouldContain(said);
        output.ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_home).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_options_that_can_t_be_are_named_at_once()
    {
        var (code, _, error) = await RunAsync("up", "--workers", "-1", "--nodes-per-worker", "0", "--name", "Not_A_Name");

        code.ShouldBe(2, error);
        foreach (var said in (string[])["workers", "nodes-per-worker", "Not_A_Name"]) error.ShouldContain(said);
    }

    [Fact]
    public async Task What_there_is_not_ends_with_3_and_says_what_to_do()
    {
        var (code, output, error) = await RunAsync("status", "--name", "nobody");

        code.ShouldBe(3, error);
        error.ShouldContain("There is no cluster 'nobody'. `actorcluster up --name nobody` makes it");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Help_and_version_are_results()
    {
        var help = await RunAsync("--help");
        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("Exit codes: 0 success");
        var version = await RunAsync("--version");
        version.ExitCode.ShouldBe(0);
        version.Output.Trim().ShouldMatch(@"^\d+\.\d+\.\d+");
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params IReadOnlyList<string> arguments)
    {
        var host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "actorcluster.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["ACTORCLUSTER_HOME"] = _home;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
