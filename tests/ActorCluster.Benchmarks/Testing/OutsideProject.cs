using System.Diagnostics;
using System.Globalization;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Testing;

/// <summary>
/// A project as users of the test kit have one: it references the package, restored from the folder it was packed to, has of .NET's settings what comes with the package, and knows nothing of this repository
/// but the source of <see cref="TestKitFigures"/>. One serves all figures.
/// </summary>
internal sealed class OutsideProject : IDisposable
{
    private const string Program = """
        Console.WriteLine((await ActorCluster.Benchmarks.Testing.TestKitFigures.TakeAsync(args[0])).ToString(System.Globalization.CultureInfo.InvariantCulture));

        """;

    private static Task<OutsideProject>? _shared;
    private readonly string _folder;

    private OutsideProject(string folder) => _folder = folder;

    /// <summary>Made when it is first asked for.</summary>
    public static Task<OutsideProject> Shared() => _shared ??= MakeAsync();

    /// <summary>Removes its folder, if it was made.</summary>
    public static async Task RemoveAsync()
    {
        if (_shared is { IsCompletedSuccessfully: true } made) (await made).Dispose();
    }

    /// <summary>One of its own, to be disposed of.</summary>
    /// <param name="packing">More options for `dotnet pack`.</param>
    public static async Task<OutsideProject> MakeAsync(params string[] packing)
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-bench-").FullName;
        try
        {
            var (packages, project) = (Path.Combine(folder, "packages"), Path.Combine(folder, "outside"));
            Directory.CreateDirectory(project);
            await File.WriteAllTextAsync(Path.Combine(project, "outside.csproj"), $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <Nullable>enable</Nullable>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <UseSharedCompilation>false</UseSharedCompilation>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="ActorCluster.TestKit" Version="0.1.0" />
                    <Compile Include="{Path.Combine(Repository.Root, "tests", "ActorCluster.Benchmarks", "Testing", "TestKitFigures.cs")}" />
                  </ItemGroup>
                </Project>
                """);
            await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), Program);
            await DotnetAsync(["pack", Path.Combine(Repository.Root, "src", "ActorCluster.TestKit"), "-c", "Release", "-o", packages, .. packing]);
            // Packages of their own, so that neither an older one of the same version is taken nor this one stays behind.
            var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            await DotnetAsync("restore", project, "-p:RestoreAdditionalProjectSources=" + packages, "-p:RestorePackagesPath=" + Path.Combine(folder, "cache"), "-p:RestoreFallbackFolders=" + cache);
            await DotnetAsync("build", project, "-c", "Release", "--no-restore", "-o", Path.Combine(folder, "built"));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return new OutsideProject(folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Takes a figure in a process that does nothing else.</summary>
    /// <exception cref="InvalidOperationException">It failed; what it said is on this process's standard error.</exception>
    /// <param name="environment">More variables for that process.</param>
    public async Task<double> TakeAsync(string figure, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Path.Combine(_folder, "built", OperatingSystem.IsWindows() ? "outside.exe" : "outside"), [figure])
        {
            // Where the manifests are that the figures apply.
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var told = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? double.Parse(told, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"The figure '{figure}' could not be taken.");
    }

    private static Task DotnetAsync(params string[] arguments) =>
        Repository.RunAsync("dotnet", new Dictionary<string, string> { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1" }, arguments);
}
