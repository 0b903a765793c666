using System.Diagnostics;
using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>The packages, used as an outsider does: a test project and a tool, restored from the folder they were packed to.</summary>
public sealed class PackageTests
{
    private const string SampleProject = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="ActorCluster.TestKit" Version="0.1.0" />
            <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
            <PackageReference Include="xunit" Version="2.9.3" />
            <PackageReference Include="xunit.runner.visualstudio" Version="4.0.1" />
          </ItemGroup>
        </Project>
        """;

    private const string SampleTest = """
        using ActorCluster.TestKit;
        using Microsoft.AspNetCore.Builder;
        using Xunit;
        using Xunit.Abstractions;

        public class SampleSpecs(ITestOutputHelper output) : ClusterTestKit(output)
        {
            [Fact]
            public async Task A_pod_answers_another()
            {
                await using var cluster = await StartClusterAsync(nodes: 2);
                cluster.Images.Add("sample/hello", app => app.MapGet("/", () => "hello"));
                await cluster.ApplyYamlAsync("apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\n  labels:\n    app: hello\nspec:\n  containers:\n  - name: c\n    image: sample/hello\n---\n" +
                    "apiVersion: v1\nkind: Service\nmetadata:\n  name: hello\nspec:\n  selector:\n    app: hello\n  ports:\n  - port: 80\n    targetPort: 8080\n---\n" +
                    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: client\nspec:\n  containers:\n  - name: c\n    image: busybox\n    command: [sleep, infinity]\n");
                await cluster.Service("hello").ShouldHaveEndpointsAsync(1);
                await cluster.Pod("client").ShouldBeReadyAsync();
                using var client = cluster.Pod("client").CreateHttpClient();
                Assert.Equal("hello", await client.GetStringAsync("http://hello"));
            }
        }
        """;

    [PackagesFact]
    public async Task A_test_project_and_a_tool_are_restored_from_the_packages_and_work()
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-packages-").FullName;
        try
        {
            var packages = Path.Combine(folder, "packages");
            await DotnetAsync(RepositoryRoot, "pack", "src/ActorCluster.TestKit", "-c", "Release", "-o", packages);
            await DotnetAsync(RepositoryRoot, "pack", "src/ActorCluster.Cli", "-c", "Release", "-o", packages);
            Directory.GetFiles(packages).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)
                .ShouldBe(["ActorCluster.TestKit.0.1.0.nupkg", "ActorCluster.TestKit.0.1.0.snupkg", "actorcluster.0.1.0.nupkg", "actorcluster.0.1.0.snupkg"]);

            // Packages of their own, so that neither an older one of the same version is taken nor these stay behind.
            var sample = Directory.CreateDirectory(Path.Combine(folder, "sample")).FullName;
            await File.WriteAllTextAsync(Path.Combine(sample, "Sample.csproj"), SampleProject);
            await File.WriteAllTextAsync(Path.Combine(sample, "SampleSpecs.cs"), SampleTest);
            var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            await DotnetAsync(sample, "restore", "-p:RestoreAdditionalProjectSources=" + packages, "-p:RestorePackagesPath=" + Path.Combine(folder, "cache"), "-p:RestoreFallbackFolders=" + cache);
            var told = await DotnetAsync(sample, "test", "--no-restore");
            told.ShouldContain("Passed:     1");

            var tool = Path.Combine(folder, "tool");
            await DotnetAsync(folder, "tool", "install", "actorcluster", "--version", "0.1.0", "--tool-path", tool, "--add-source", packages);
            (await RunAsync(folder, Path.Combine(tool, "actorcluster"), ["--version"])).ShouldContain("0.1.0");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string RepositoryRoot
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "ActorCluster.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("ActorCluster.sln is in no folder above the tests.");
            return folder;
        }
    }

    private static Task<string> DotnetAsync(string folder, params string[] arguments) => RunAsync(folder, "dotnet", arguments);

    private static async Task<string> RunAsync(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var all = await output + await errors;
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}:\n{all}");
        return all;
    }
}
