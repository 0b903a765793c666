using System.Diagnostics;

namespace ActorCluster.TestKit.Tests;

public sealed class ReplayTests
{
    [Fact]
    public async Task One_seed_gives_one_run_packet_by_packet_in_this_process_and_in_another()
    {
        var first = await ReplayScenario.RunAsync(7);
        first.Split('\n').Length.ShouldBeGreaterThan(200);
        SameText(await ReplayScenario.RunAsync(7), first);
        SameText(await ElsewhereAsync(7), first);
        (await ReplayScenario.RunAsync(8)).ShouldNotBe(first);
    }

    /// <summary>With other hash codes of strings, which differ from process to process.</summary>
    private static async Task<string> ElsewhereAsync(int seed)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ReplayScenario).Assembly.Location, seed.ToString(System.Globalization.CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        return text;
    }

    private static void SameText(string actual, string expected)
    {
        if (actual == expected) return;
        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Min(left.Length, right.Length)).FirstOrDefault(i => left[i] != right[i], Math.Min(left.Length, right.Length));
        Assert.Fail($"The runs differ from line {line + 1} on:\n{string.Join('\n', left.Skip(Math.Max(0, line - 3)).Take(6))}\n--- and ---\n{string.Join('\n', right.Skip(Math.Max(0, line - 3)).Take(6))}");
    }
}
