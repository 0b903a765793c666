using ActorCluster.Benchmarks;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Recording;
using ActorCluster.Benchmarks.Testing;
using Spectre.Console;

if (args is ["--role", var role, .. var rest]) return await PeerRoles.RunAsync(role, rest);
if (args is [StartRecording.Option, var profile])
{
    await StartRecording.RunAsync(profile);
    return 0;
}
if (args is [StartRecording.TestKitOption, var kitProfile])
{
    await StartRecording.RunTestKitAsync(kitProfile);
    return 0;
}

if (args.Contains("--help"))
{
    Console.WriteLine($"""
        Measures ActorCluster against yardsticks taken in the same run.

        Usage: dotnet run -c Release --project tests/ActorCluster.Benchmarks -- [--only ID[,ID...]] [--rounds N] [--seconds S] [--list]

        {StartRecording.Option} FILE: writes anew what `dotnet publish` knows of a start, src/ActorCluster.Cli/start.mibc.
        {StartRecording.TestKitOption} FILE: writes anew what the test kit's package knows of a test cluster's start, src/ActorCluster.TestKit/start.mibc.

        Example: dotnet run -c Release --project tests/ActorCluster.Benchmarks -- --only http-16,http-64 --rounds 5
        """);
    return 0;
}

var only = Option("--only")?.Split(',');
var settings = new BenchmarkSettings(
    int.Parse(Option("--rounds") ?? "3", System.Globalization.CultureInfo.InvariantCulture),
    TimeSpan.FromSeconds(double.Parse(Option("--seconds") ?? "3", System.Globalization.CultureInfo.InvariantCulture)));
var chosen = Catalog.All.Where(b => only is null || only.Contains(b.Id)).ToList();
if (args.Contains("--list") || chosen.Count == 0)
{
    foreach (var benchmark in Catalog.All) Console.WriteLine($"{benchmark.Id,-24} {benchmark.Subject}");
    return chosen.Count == 0 ? 2 : 0;
}

var table = new Table().AddColumns("what", "against, in the same run", "ours", "theirs", "ratio", "bar", "met");
try
{
    foreach (var benchmark in chosen)
    {
        Console.Error.WriteLine($"running {benchmark.Id} ...");
        var result = await benchmark.RunAsync(settings, CancellationToken.None);
        table.AddRow(
            Markup.Escape(benchmark.Subject + (result.Note.Length > 0 ? $" ({result.Note})" : "")),
            Markup.Escape(benchmark.Yardstick),
            Figure(result.Ours, result.Unit),
            result.Theirs is { } theirs ? Figure(theirs, result.Unit) : "",
            result.Theirs is null ? "" : $"{result.Score:0.00}",
            benchmark.Bar.ToString(),
            benchmark.Bar.IsMetBy(result.Score) ? "yes" : "no");
    }
}
finally
{
    await OutsideProject.RemoveAsync();
}

if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 320; // a file has no edge to fold the rows at
AnsiConsole.Write(table);
return 0;

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

// A small figure with its tenths.
static string Figure(double value, string unit) => value < 10 ? $"{value:0.0} {unit}" : $"{value:N0} {unit}";
