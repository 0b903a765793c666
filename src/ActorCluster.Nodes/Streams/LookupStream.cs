using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Dns;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Pods;

namespace ActorCluster.Nodes.Streams;

/// <summary>Answers a <see cref="LookupRequest"/>: asks for a name on the pod's own network, as its programs would, and tells what each server answered, as a JSON document.</summary>
internal static class LookupStream
{
    public static async Task<StreamExit> RunAsync(ContainerAccess access, SimulationContext simulation, LookupRequest request, IContainerStreamPeer peer)
    {
        if (access.Network is not { } network) throw new ContainerStreamException(409, "Conflict", $"pod {request.Namespace}/{request.Pod} has no network now");
        var steps = new List<JsonNode>();
        var pod = access.Pod;
        var hosts = PodHosts.HostsFile(pod, pod.Spec.NodeName, [.. network.Addresses.Select(address => address.ToString())]);
        var resolver = new StubResolver(network, PodDns.ResolvConf(pod.Spec, pod.Metadata.NamespaceProperty), hosts, simulation)
        {
            // Both families are asked for at once; each answer comes in its own time.
            Observer = answered => { lock (steps) steps.Add(Step("dns", answered.ToString())); },
        };
        var answer = new JsonObject { ["name"] = request.Name };
        try
        {
            var addresses = await resolver.ResolveAsync(request.Name, peer.CallerGone);
            if (steps.Count == 0) steps.Add(Step("hosts", $"/etc/hosts says {string.Join(", ", addresses)}"));
            answer["addresses"] = new JsonArray([.. addresses.Select(address => (JsonNode)address.ToString())]);
        }
        catch (DnsFaultException fault)
        {
            (answer["fault"], answer["message"]) = (fault.Fault.ToString(), fault.Message);
        }
        answer["steps"] = new JsonArray([.. steps]);
        await peer.WriteAsync(StreamChannel.Stdout, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(answer), peer.CallerGone);
        return new StreamExit(null);
    }

    private static JsonObject Step(string stage, string detail) => new() { ["stage"] = stage, ["detail"] = detail };
}
