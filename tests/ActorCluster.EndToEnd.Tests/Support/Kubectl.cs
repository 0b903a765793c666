using System.ComponentModel;
using System.Text.Json;
using System.Text.RegularExpressions;

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
    internal const string OutputDiscarded = "Unknown stream id";

    internal const int MostAttempts = 5;

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
               where IsReady(pod)
               select (pod.GetProperty("metadata").GetProperty("name").GetString()!, pod.GetProperty("spec").GetProperty("nodeName").GetString()!)
        ];
    }

    /// <summary>
    /// Waits until each node that is Ready sends what goes to a service to just those pods that are ready for it. Nodes follow the API in a moment, and what is sent meanwhile goes by what they
    /// knew before, as it does in any cluster.
    /// </summary>
    /// <param name="selector">The service's pods; each serves all of its ports. A node names some of them and says how many there are.</param>
    public async Task ServiceIsKnownAsync(string service, string selector, string ns = "default")
    {
        var spec = (await GetAsync("service", service, "-n", ns)).GetProperty("spec");
        var port = spec.GetProperty("ports")[0];
        var (address, number) = (spec.GetProperty("clusterIP").GetString(), port.GetProperty("port").GetInt32());
        var protocol = port.GetProperty("protocol").GetString()!.ToLowerInvariant();
        foreach (var node in (await GetAsync("nodes")).GetProperty("items").EnumerateArray().Where(IsReady))
        {
            var (name, own) = (node.GetProperty("metadata").GetProperty("name").GetString()!, node.GetProperty("status").GetProperty("addresses")[0].GetProperty("address").GetString());
            var question = $"/actorcluster/nodes/{name}/trace?protocol={protocol}&source={own}&sourcePort=0&destination={address}&port={number}&timeToLive=64&first=true";
            await Eventually.SeeAsync(
                async () =>
                {
                    var pods = (await GetAsync("pods", "-n", ns, "-l", selector)).GetProperty("items").EnumerateArray().Where(IsReady).Select(pod => pod.GetProperty("status").GetProperty("podIP").GetString()!).ToArray();
                    var answer = JsonDocument.Parse((await KubectlAsync("get", "--raw", question)).ShouldSucceed().Output).RootElement;
                    var chosen = answer.GetProperty("steps").EnumerateArray().First(step => step.GetProperty("stage").GetString() == "service").GetProperty("detail").GetString()!;
                    return (Pods: pods, Said: chosen);
                },
                seen => seen.Pods.Length > 0 && seen.Said.Contains(seen.Pods.Length == 1 ? ": one endpoint, " : $": one of {seen.Pods.Length} endpoints, ", StringComparison.Ordinal)
                    && Regex.Matches(seen.Said, @"[\d.]+(?=:\d+)").All(endpoint => seen.Pods.Contains(endpoint.Value)),
                $"the ready pods of {ns}/{service} behind it on {name}");
        }
    }

    /// <summary>Waits until the cluster's DNS is there for pods on every node.</summary>
    public async Task NamesAreAnsweredAsync()
    {
        (await KubectlAsync("rollout", "status", "-n", "kube-system", "deployment/coredns", "--timeout=240s")).ShouldSucceed();
        await ServiceIsKnownAsync("kube-dns", "k8s-app=kube-dns", "kube-system");
    }

    private static bool IsReady(JsonElement item) =>
        !item.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _) && item.GetProperty("status").TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Ready" && condition.GetProperty("status").GetString() == "True");

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
