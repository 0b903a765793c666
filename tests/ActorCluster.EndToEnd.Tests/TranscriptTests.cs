using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>
/// Transcripts: a folder a case, with what kubectl is asked and what it prints, and the files that it is given. Each runs in a namespace of its own, with the newest kubectl that there is,
/// and those whose streams have changed their transport since with the oldest as well; TRANSCRIPT_KUBECTLS=all runs all with every one.
/// With TRANSCRIPT_OUTPUT set to the folder of the sources what is printed is written down instead, to be read before it is committed.
/// </summary>
[Collection(SharedClusterTests.Name)]
public sealed class TranscriptTests(SharedCluster shared)
{
    private const string Recorded = "transcript.txt";

    /// <summary>exec, attach and port-forward: SPDY before kubectl 1.30, WebSocket since.</summary>
    private static readonly string[] Streams = ["pods", "streams"];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Transcripts");

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var program in KubectlVersions.Programs)
        {
            foreach (var name in Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal))
                if (KubectlVersions.All || program == KubectlVersions.Programs[^1] || (program == KubectlVersions.Programs[0] && Streams.Contains(name))) cases.Add(name, program);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_kubectl_prints_is_what_it_prints_elsewhere(string name, string kubectl)
    {
        var folder = Path.Combine(Folder, name);
        var recorded = Transcript.Parse(await File.ReadAllTextAsync(Path.Combine(folder, Recorded)));
        var home = Directory.CreateTempSubdirectory("transcript");
        try
        {
            var played = await PlayAsync(recorded, name, folder, kubectl, home.FullName);
            if (Environment.GetEnvironmentVariable("TRANSCRIPT_OUTPUT") is { Length: > 0 } output) await File.WriteAllTextAsync(Path.Combine(output, name, Recorded), played.ToString());
            else string.Concat(played.Steps.Zip(recorded.Steps).Where(step => step.First != step.Second).Select(step => $"{step.First}instead of\n{step.Second.Output}\n\n")).ShouldBeEmpty();
        }
        finally
        {
            (await shared.Cluster.KubectlAsync("delete", "namespace", name, "--ignore-not-found")).ShouldSucceed();
            home.Delete(recursive: true);
        }
    }

    private async Task<Transcript> PlayAsync(Transcript recorded, string ns, string folder, string kubectl, string home)
    {
        var config = Path.Combine(home, "config");
        File.Copy(shared.Cluster.Kubeconfig, config);
        var bin = Directory.CreateDirectory(Path.Combine(home, "bin")).FullName;
        if (Path.IsPathRooted(kubectl)) File.CreateSymbolicLink(Path.Combine(bin, "kubectl"), kubectl);
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = config, ["HOME"] = home, ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}", ["TZ"] = "UTC", ["LC_ALL"] = "C" };
        async Task<string> RunAsync(string command)
        {
            CommandResult result;
            var attempt = 0;
            do result = await Command.RunAsync("bash", ["-c", $"cd '{folder}' && {{\n{command}\n}} 2>&1"], environment);
            while (result.Output.Contains(Kubectl.OutputDiscarded, StringComparison.Ordinal) && ++attempt < Kubectl.MostAttempts);
            return Transcript.Normalize(result.Output) + (result.ExitCode == 0 ? "" : $"\n(exit code {result.ExitCode})");
        }

        await RunAsync($"kubectl create namespace {ns} && kubectl config set-context --current --namespace={ns} && kubectl get serviceaccount default || kubectl wait --for=create serviceaccount/default");
        var minor = KubectlVersions.MinorOf(kubectl);
        var steps = new List<Transcript.Step>();
        foreach (var step in recorded.Steps) steps.Add(step.IsFor(minor) ? step with { Output = (await RunAsync(step.Command)).Trim('\n') } : step);
        return new Transcript(steps);
    }
}
