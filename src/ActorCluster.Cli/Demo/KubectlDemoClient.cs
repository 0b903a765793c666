using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ActorCluster.Cli.Demo;

/// <summary>The demonstration's steps by the kubectl on the user's PATH.</summary>
internal sealed class KubectlDemoClient(string kubeconfig, string description, TimeSpan patience) : IDemoClient
{
    private const string Kubectl = "kubectl";
    private const int MostAttempts = 3;
    private static readonly SearchValues<char> SpecialToShells = SearchValues.Create(" ;|&<>$\"'(){}*");

    public string Description => description;

    private string Timeout => string.Create(CultureInfo.InvariantCulture, $"--timeout={patience.TotalSeconds:0}s");

    /// <returns>Null if there is no kubectl on the PATH, or none that runs.</returns>
    public static async Task<KubectlDemoClient?> FindAsync(string kubeconfig, TimeSpan patience, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        try
        {
            await RunAsync(kubeconfig, ["version", "--client"], lines.Add, cancellationToken);
        }
        catch (DemoFailedException)
        {
            return null;
        }

        return lines is [var first, ..] ? new KubectlDemoClient(kubeconfig, $"kubectl ({first})", patience) : null;
    }

    public DemoCall GetNodes() => Call("get", "nodes", "-o", "wide");
    public DemoCall GetPods() => Call("get", "pods", "-o", "wide");
    public DemoCall Apply(params IReadOnlyList<string> files) => Call(["apply", .. files.SelectMany(file => (string[])["-f", file])]);
    public DemoCall WaitReady(params IReadOnlyList<string> pods) => Call(["wait", "--for=condition=Ready", .. pods.Select(pod => $"pod/{pod}"), Timeout]);
    public DemoCall WaitAvailable(string deployment) => Call("rollout", "status", $"deployment/{deployment}", Timeout);
    public DemoCall Logs(string pod, string container) => Call("logs", pod, "-c", container);
    public DemoCall Exec(string pod, string container, params IReadOnlyList<string> command) => Call(["exec", pod, "-c", container, "--", .. command]);

    // Without -t: what kubectl prints is read here, so that it has no terminal.
    public DemoCall RunOnce(string pod, string image, params IReadOnlyList<string> command) =>
        Call(["run", pod, $"--image={image}", "--rm", "-i", "--restart=Never", "--", .. command]);

    public DemoCall CreateDeployment(string name, string image, int replicas) =>
        Call("create", "deployment", name, $"--image={image}", string.Create(CultureInfo.InvariantCulture, $"--replicas={replicas}"));

    public DemoCall Expose(string deployment, int port) =>
        Call("expose", "deployment", deployment, string.Create(CultureInfo.InvariantCulture, $"--port={port}"));

    public void Dispose()
    {
    }

    private DemoCall Call(params IReadOnlyList<string> arguments) =>
        new($"{Kubectl} {string.Join(' ', arguments.Select(Quote))}", (output, cancellationToken) => RunWholeAsync(kubeconfig, arguments, output, cancellationToken));

    /// <summary>Runs it again when kubectl dropped output that came before it had made its streams (1.30 to 1.33, kubernetes/kubernetes#131203).</summary>
    private static async Task RunWholeAsync(string kubeconfig, IReadOnlyList<string> arguments, Action<string> output, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var lost = false;
            await RunAsync(kubeconfig, arguments, line =>
            {
                lost |= line.Contains("Unknown stream id", StringComparison.Ordinal);
                output(line);
            }, cancellationToken);
            if (!lost || attempt == MostAttempts) return;
            output("kubectl has lost output (kubernetes/kubernetes#131203); once more:");
        }
    }

    private static async Task RunAsync(string kubeconfig, IReadOnlyList<string> arguments, Action<string> output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Kubectl) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["KUBECONFIG"] = kubeconfig;
        using var process = Start(start);
        process.StandardInput.Close();
        try
        {
            var lines = new Lock();
            await Task.WhenAll(ReadAsync(process.StandardOutput, Line, cancellationToken), ReadAsync(process.StandardError, Line, cancellationToken));
            await process.WaitForExitAsync(cancellationToken);

            void Line(string line)
            {
                lock (lines) output(line);
            }
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        if (process.ExitCode != 0) throw new DemoFailedException($"kubectl ended with exit code {process.ExitCode}.");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new DemoFailedException($"kubectl can't be started: {e.Message}", e);
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> output, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line) output(line);
    }

    private static string Quote(string argument) =>
        argument.AsSpan().IndexOfAny(SpecialToShells) < 0 ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
