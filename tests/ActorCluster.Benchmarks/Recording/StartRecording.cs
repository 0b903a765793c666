using ActorCluster.Benchmarks.Harness;
using ActorCluster.Benchmarks.Testing;

namespace ActorCluster.Benchmarks.Recording;

/// <summary>
/// Writes down which methods of generic types a cluster's processes compile while they run, from its start to the end of the demonstration. `dotnet publish` compiles them into the
/// program's image: what the framework's generic types and ours make together is in nobody's image otherwise, and each such method costs every process a tenth of a millisecond or more.
/// </summary>
internal static class StartRecording
{
    public const string Option = "--record-start";
    public const string TestKitOption = "--record-testkit";

    // Loader 0x8, JIT 0x10, types by their numbers 0x80000, methods' details 0x4000000000.
    private const string Events = "Microsoft-Windows-DotNETRuntime:0x4000080018:5";

    /// <param name="file">The profile to write, <c>src/ActorCluster.Cli/start.mibc</c>.</param>
    public static async Task RunAsync(string file)
    {
        // Without the profile that there is, whose methods nobody would compile.
        await using var program = await PublishedProgram.PublishAsync("-p:StartProfile=");
        var traces = Directory.CreateDirectory(Path.Combine(program.Home, "traces")).FullName;
        foreach (var (name, value) in Tracing(traces)) program.Environment[name] = value;
        await program.RunAsync("up", "--name", "recorded", "--workers", "3");
        await program.RunAsync("down", "--name", "recorded");
        await program.RunAsync("demo", "--no-kubectl");
        Write(file, traces);
    }

    /// <summary>The same of a process that uses the test kit.</summary>
    /// <param name="file">The profile to write, <c>src/ActorCluster.TestKit/start.mibc</c>.</param>
    public static async Task RunTestKitAsync(string file)
    {
        using var project = await OutsideProject.MakeAsync("-p:StartProfile=");
        var traces = Directory.CreateTempSubdirectory("actorcluster-traces-");
        try
        {
            await project.TakeAsync("tour", Tracing(traces.FullName));
            Write(file, traces.FullName);
        }
        finally
        {
            traces.Delete(recursive: true);
        }
    }

    private static Dictionary<string, string> Tracing(string folder) => new()
    {
        ["DOTNET_EnableEventPipe"] = "1",
        ["DOTNET_EventPipeOutputPath"] = Path.Combine(folder, "{pid}.nettrace"),
        ["DOTNET_EventPipeOutputStreaming"] = "1",
        ["DOTNET_EventPipeConfig"] = Events,
    };

    private static void Write(string file, string traces)
    {
        var profile = new ProfileFile();
        foreach (var trace in Directory.EnumerateFiles(traces).Order(StringComparer.Ordinal))
            foreach (var method in CompiledMethods.Read(trace)) profile.Add(method);
        Console.WriteLine($"{profile.Write(file)} methods in {file}");
    }
}
