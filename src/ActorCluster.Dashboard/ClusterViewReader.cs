using System.Text.Json;

namespace ActorCluster.Dashboard;

/// <summary>Turns the API's lists of nodes, pods and services into what the page shows. Pure; absent fields are shown empty, never a fault.</summary>
internal static class ClusterViewReader
{
    public static ClusterView Read(string name, JsonElement nodes, JsonElement pods, JsonElement services, IReadOnlyList<ServicePlace> places)
    {
        var podRows = Items(pods).Select(Pod).ToList();
        var perNode = podRows.GroupBy(pod => pod.Node, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var perService = places.Where(place => place.Place != "-").ToLookup(place => (place.Namespace, place.Name), place => place.Place);
        return new ClusterView(
            name,
            [.. Items(nodes).Select(node => Node(node, perNode))],
            podRows,
            [.. Items(services).Select(service => Service(service, perService))]);
    }

    private static NodeRow Node(JsonElement node, Dictionary<string, int> pods)
    {
        var name = Text(node, "metadata", "name");
        var ready = Array(node, "status", "conditions").Find(condition => Text(condition, "type") == "Ready");
        var status = ready.ValueKind == JsonValueKind.Object && Text(ready, "status") == "True" ? "Ready" : "NotReady";
        if (Find(node, "spec", "unschedulable") is { ValueKind: JsonValueKind.True }) status += ",SchedulingDisabled";
        var address = Array(node, "status", "addresses").Find(candidate => Text(candidate, "type") == "InternalIP");
        return new NodeRow(name, status, address.ValueKind == JsonValueKind.Object ? Text(address, "address") : "", pods.GetValueOrDefault(name));
    }

    private static PodRow Pod(JsonElement pod)
    {
        var containers = Array(pod, "status", "containerStatuses");
        var ready = containers.Count(container => Find(container, "ready") is { ValueKind: JsonValueKind.True });
        var restarts = containers.Sum(container => Find(container, "restartCount") is { ValueKind: JsonValueKind.Number } count ? count.GetInt32() : 0);
        return new PodRow(
            Text(pod, "metadata", "namespace"),
            Text(pod, "metadata", "name"),
            PodStatus(pod, containers),
            $"{ready}/{Array(pod, "spec", "containers").Count}",
            restarts,
            Text(pod, "status", "podIP"),
            Text(pod, "spec", "nodeName"));
    }

    /// <summary>The one word that kubectl shows: what keeps a container from running tells more than the phase.</summary>
    private static string PodStatus(JsonElement pod, List<JsonElement> containers)
    {
        if (Find(pod, "metadata", "deletionTimestamp") is not null) return "Terminating";
        var reason = containers
            .Select(container => Text(container, "state", "waiting", "reason") is { Length: > 0 } waiting ? waiting : Text(container, "state", "terminated", "reason"))
            .LastOrDefault(text => text.Length > 0);
        return reason ?? Text(pod, "status", "phase");
    }

    private static ServiceRow Service(JsonElement service, ILookup<(string Namespace, string Name), string> places)
    {
        var ports = Array(service, "spec", "ports").Select(port =>
            $"{Text(port, "port")}{(Text(port, "nodePort") is { Length: > 0 } nodePort ? ":" + nodePort : "")}/{Text(port, "protocol")}");
        var (ns, name) = (Text(service, "metadata", "namespace"), Text(service, "metadata", "name"));
        var external = Array(service, "status", "loadBalancer", "ingress").Select(ingress => Text(ingress, "ip") is { Length: > 0 } ip ? ip : Text(ingress, "hostname"))
            .Append(Text(service, "spec", "type") == "ExternalName" ? Text(service, "spec", "externalName") : "")
            .Concat(Array(service, "spec", "externalIPs").Select(ip => ip.GetString() ?? ""));
        return new ServiceRow(
            ns,
            name,
            Text(service, "spec", "type"),
            Text(service, "spec", "clusterIP"),
            string.Join(",", external.Where(address => address.Length > 0).Distinct()),
            string.Join(",", ports),
            [.. places[(ns, name)].Distinct()]);
    }

    private static List<JsonElement> Items(JsonElement list) => Array(list, "items");

    private static List<JsonElement> Array(JsonElement element, params ReadOnlySpan<string> path) =>
        Find(element, path) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    private static string Text(JsonElement element, params ReadOnlySpan<string> path) => Find(element, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => "",
    };

    private static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step, out element)) return null;
        return element;
    }
}
