namespace ActorCluster.TestKit.Tests;

/// <summary>Runs the scenario of the replay tests in a process of its own: its argument is the seed, and it prints the log.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        await Console.Out.WriteAsync(await ReplayScenario.RunAsync(int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture)));
        return 0;
    }
}
