using System.Text.Json;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>What a cluster's processes keep, beside what its objects account for.</summary>
/// <param name="Census">By node: what its agent counts.</param>
/// <param name="Sockets">By process: the sockets it has open, of all kinds.</param>
/// <param name="Unaccounted">What is there without an object, or the other way round, in words.</param>
internal sealed record ClusterAccounts(IReadOnlyDictionary<string, Census> Census, IReadOnlyDictionary<string, int> Sockets, IReadOnlyList<string> Unaccounted)
{
    public override string ToString() =>
        $"{string.Join("; ", Unaccounted)} | {string.Join(", ", Census.Select(one => $"{one.Key}: {one.Value}"))} | sockets {string.Join(", ", Sockets.Select(one => $"{one.Key} {one.Value}"))}";

    /// <param name="service">In the namespace default, with the selector app=SERVICE.</param>
    /// <param name="replicas">How many pods there are to be behind it. Pods that are still ending, as those that were replaced while their node was away, are too many.</param>
    public static async Task<ClusterAccounts> ReadAsync(RunningCluster cluster, string service, int replicas)
    {
        var wrong = new List<string>();
        var nodes = (await ItemsAsync(cluster, "nodes")).Select(NameOf).Order(StringComparer.Ordinal).ToList();
        var pods = await ItemsAsync(cluster, "pods", "-A");
        var census = new SortedDictionary<string, Census>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var answer = await cluster.KubectlAsync("get", "--raw", $"/api/v1/nodes/{node}/proxy/debug/census");
            if (answer.ExitCode != 0)
            {
                wrong.Add($"{node} does not answer: {answer.Error.Trim()}");
                continue;
            }

            var counted = census[node] = JsonSerializer.Deserialize<Census>(answer.Output, JsonSerializerOptions.Web)!;
            var own = pods.Where(pod => pod.GetProperty("spec").TryGetProperty("nodeName", out var host) && host.GetString() == node).ToList();
            Compare($"pods of {node}", counted.Pods, own.Count);
            Compare($"pod addresses of {node}", counted.PodAddresses, own.Count(HasAddress));
            Compare($"streams of {node}", counted.Streams, 1); // the one that asks
        }

        Compare("pods that are ending", string.Join(' ', pods.Where(IsEnding).Select(NameOf).Order(StringComparer.Ordinal)), "");
        var addresses = pods.Where(HasAddress).Select(AddressOf).ToList();
        Compare("different pod addresses", addresses.Distinct().Count(), addresses.Count);
        Compare("leases of nodes", string.Join(' ', (await ItemsAsync(cluster, "leases", "-n", "kube-node-lease")).Select(NameOf).Order(StringComparer.Ordinal)), string.Join(' ', nodes));
        var services = (await ItemsAsync(cluster, "services", "-A")).SelectMany(one => one.GetProperty("spec").TryGetProperty("clusterIPs", out var ips) ? ips.EnumerateArray().Select(ip => ip.GetString()!).ToArray() : []).Where(ip => ip != "None");
        Compare("service addresses", string.Join(' ', (await ItemsAsync(cluster, "ipaddresses")).Select(NameOf).Order(StringComparer.Ordinal)), string.Join(' ', services.Order(StringComparer.Ordinal)));
        var behind = (await ItemsAsync(cluster, "endpointslices", "-l", $"kubernetes.io/service-name={service}"))
            .SelectMany(slice => slice.TryGetProperty("endpoints", out var endpoints) && endpoints.ValueKind == JsonValueKind.Array ? endpoints.EnumerateArray().ToArray() : [])
            .Select(endpoint => endpoint.GetProperty("addresses")[0].GetString()!);
        var serving = pods.Where(pod => pod.GetProperty("metadata").TryGetProperty("labels", out var labels) && labels.TryGetProperty("app", out var app) && app.GetString() == service).Where(HasAddress).Select(AddressOf).ToList();
        Compare($"pods of {service}", serving.Count, replicas);
        Compare("endpoints", string.Join(' ', behind.Order(StringComparer.Ordinal)), string.Join(' ', serving.Order(StringComparer.Ordinal)));
        return new(census, SocketsOf(cluster), wrong);

        void Compare<T>(string what, T there, T accountedFor)
        {
            if (!Equals(there, accountedFor)) wrong.Add($"{what}: {there}, by the objects {accountedFor}");
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> ItemsAsync(RunningCluster cluster, params IReadOnlyList<string> what) =>
        [.. (await cluster.GetAsync(what)).GetProperty("items").EnumerateArray()];

    /// <summary>On Linux; none elsewhere.</summary>
    private static SortedDictionary<string, int> SocketsOf(RunningCluster cluster)
    {
        var sockets = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (!OperatingSystem.IsLinux()) return sockets;
        foreach (var process in cluster.Folder.ReadProcesses().Where(process => process.Identity.IsAlive))
            sockets[process.Name] = Directory.EnumerateFiles($"/proc/{process.ProcessId}/fd").Count(file => TargetOf(file).StartsWith("socket:", StringComparison.Ordinal));
        return sockets;
    }

    private static string TargetOf(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }

    private static bool HasAddress(JsonElement pod) =>
        pod.GetProperty("status").TryGetProperty("podIP", out _) && pod.GetProperty("status").GetProperty("phase").GetString() is not ("Succeeded" or "Failed")
        && !(pod.GetProperty("spec").TryGetProperty("hostNetwork", out var host) && host.GetBoolean());

    private static bool IsEnding(JsonElement pod) => pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _);

    private static string AddressOf(JsonElement pod) => pod.GetProperty("status").GetProperty("podIP").GetString()!;

    private static string NameOf(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString()!;
}

/// <summary>As a node's /debug/census says.</summary>
internal sealed record Census(int Pods, int PodActors, int PodAddresses, int ServiceProxies, int Streams, int OtherActors);
