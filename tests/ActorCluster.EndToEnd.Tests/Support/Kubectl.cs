using System.ComponentModel;
using System.Text.Json;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>The kubectl of a cluster's user.</summary>
/// <param name="kubeconfig">Leads to the cluster.</param>
/// <param name="home">A home of its own, for what kubectl caches about API servers by their address.</param>
internal class Kubectl(string kubeconfig, string home)
{
    private const string KubectlMissing =
        "There is no kubectl on the PATH, and the end-to-end tests drive the cluster with it. Install it (https://kubernetes.io/docs/tasks/tools/) and run them again.";

    /// <summary>
    /// What kubectl 1.30 to 1.33 print when they throw away output that arrives before they are ready for it, which happens on a loaded machine
    /// (https://github.com/kubernetes/kubernetes/pull/131203). The command is run again then.
    /// </summary>
    private const string OutputDiscarded = "Unknown stream id";

    private const int MostAttempts = 5;

    private readonly Dictionary<string, string> _environment = new() { ["KUBECONFIG"] = kubeconfig, ["HOME"] = home };

    public string Kubeconfig => kubeconfig;

    public Task<CommandResult> KubectlAsync(params IReadOnlyList<string> arguments) => RunAsync("", arguments);

    /// <summary>kubectl with a manifest on its standard input; `-f -` is up to the arguments.</summary>
    public Task<CommandResult> KubectlWithInputAsync(string input, params IReadOnlyList<string> arguments) => RunAsync(input, arguments);

    /// <summary>kubectl as it is on a terminal, by util-linux's script(1).</summary>
    public Task<CommandResult> KubectlOnTerminalAsync(params IReadOnlyList<string> arguments) =>
        Command.RunAsync("script", ["-qec", $"kubectl {string.Join(' ', arguments)}", "/dev/null"], _environment, input: null);

    /// <summary>kubectl's answer as JSON.</summary>
    public async Task<JsonElement> GetAsync(params IReadOnlyList<string> what)
    {
        var result = (await KubectlAsync(["get", .. what, "-o", "json"])).ShouldSucceed();
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>Waits until kubectl prints what is wanted.</summary>
    public Task<CommandResult> SeeAsync(string wanted, params IReadOnlyList<string> arguments) =>
        Eventually.SeeAsync(() => KubectlAsync(arguments), result => result.Output.Contains(wanted, StringComparison.Ordinal), $"'{wanted}'");

    /// <summary>The pods of a label, by node: those that are Ready and not about to go.</summary>
    public async Task<IReadOnlyList<(string Pod, string Node)>> ReadyPodsAsync(string selector)
    {
        var pods = await GetAsync("pods", "-l", selector);
        return
        [
            .. from pod in pods.GetProperty("items").EnumerateArray()
               where !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)
               where pod.GetProperty("status").TryGetProperty("conditions", out var conditions)
                     && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True")
               select (pod.GetProperty("metadata").GetProperty("name").GetString()!, pod.GetProperty("spec").GetProperty("nodeName").GetString()!)
        ];
    }

    private async Task<CommandResult> RunAsync(string input, IReadOnlyList<string> arguments)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var result = await Command.RunAsync("kubectl", arguments, _environment, input);
                if (attempt == MostAttempts || !result.Error.Contains(OutputDiscarded, StringComparison.Ordinal)) return result;
            }
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(KubectlMissing, e);
        }
    }
}
