using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>What became of a node's report.</summary>
/// <param name="IsThere">Whether the API has such a node.</param>
/// <param name="Node">As the API has it now; null if it isn't there, or nothing is new but its heartbeats.</param>
/// <param name="IsRebooted">Whether the API knew it from another boot.</param>
/// <param name="Turns">Reasons of the events that tell what turned with it; null: nothing.</param>
internal readonly record struct NodeReport(bool IsThere, V1Node? Node, bool IsRebooted = false, IReadOnlyList<string>? Turns = null);

/// <summary>The node's writes to the API: its Node object and its Lease. Stateless; what fails throws.</summary>
internal sealed class NodeReporter(NodeOptions options, NodesOptions process, KubeClient client, string bootId)
{
    private const string LeaseNamespace = "kube-node-lease";

    public KubeClient Client => client;

    /// <summary>Another one each time that the node is started.</summary>
    public string BootId => bootId;

    /// <summary>Creates the Node object, or takes over the one that is there: its labels, its annotations, its status.</summary>
    /// <returns>With the node as it was sent, if it is new.</returns>
    public async Task<(V1Node Node, V1Node? Created)> RegisterAsync(ImmutableArray<string> hostIPs, string? notReady, DateTimeOffset now)
    {
        var labels = NodeObject.Labels(options);
        var annotations = NodeObject.Annotations(process.ProcessName, process.ProcessAddress);
        if (await client.GetAsync<V1Node>("", options.Name) is { } known)
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = JsonNode.Parse(KubernetesJson.Serialize(labels)), ["annotations"] = JsonNode.Parse(KubernetesJson.Serialize(annotations)) },
            };
            if (await client.PatchAsync<V1Node>("", options.Name, patch) is { } adopted) return (adopted, null);
            throw new ApiUnavailableException($"Node {known.Metadata.Name} went away while it was taken over.");
        }
        var created = new V1Node
        {
            Metadata = new V1ObjectMeta { Name = options.Name, Labels = labels, Annotations = annotations },
            Spec = new V1NodeSpec(),
            Status = NodeObject.Status(options, hostIPs, notReady, bootId, null, now),
        };
        return (await client.CreateAsync(created), created);
    }

    /// <summary>Says what the node is like: of what is as the API knows it, only the times at which its conditions were last heard of.</summary>
    /// <returns>What became of it.</returns>
    public async Task<NodeReport> ReportAsync(V1NodeStatus? known, ImmutableArray<string> hostIPs, string? notReady, DateTimeOffset now)
    {
        var status = NodeObject.Status(options, hostIPs, notReady, bootId, known, now);
        if (NodeObject.IsSameBesidesHeartbeats(status, known)) return new NodeReport(await client.TryPatchAsync<V1Node>("", options.Name, Heartbeats(status, now), "status", PatchType.Strategic), null);
        var turns = NodeObject.Turns(status, known).ToList();
        // Conditions of others (a network plugin's, say) stay.
        foreach (var condition in known?.Conditions ?? [])
        {
            if (status.Conditions.All(own => own.Type != condition.Type)) status.Conditions.Add(condition);
        }
        var patch = JsonNode.Parse(KubernetesJson.Serialize(status))!;
        // Resources that the node has no more are no more to be had.
        foreach (var gone in (known?.Allocatable?.Keys ?? []).Where(name => !status.Allocatable.ContainsKey(name))) patch["allocatable"]![gone] = null;
        var node = await client.PatchAsync<V1Node>("", options.Name, new JsonObject { ["status"] = patch }, "status");
        return new NodeReport(node is not null, node, IsRebooted: known?.NodeInfo?.BootID is { Length: > 0 } last && last != bootId, turns);
    }

    /// <summary>A strategic merge patch, as kubelets send it. Types of conditions need no escapes.</summary>
    private static byte[] Heartbeats(V1NodeStatus status, DateTimeOffset now)
    {
        var (patch, time) = (new StringBuilder("""{"status":{"conditions":["""), ObjectMetadata.FormatTime(now));
        for (var i = 0; i < status.Conditions.Count; i++) patch.Append(i > 0 ? "," : "").Append("{\"type\":\"").Append(status.Conditions[i].Type).Append("\",\"lastHeartbeatTime\":\"").Append(time).Append("\"}");
        return Encoding.UTF8.GetBytes(patch.Append("]}}").ToString());
    }

    /// <summary>Whether the API's status of the node says what the node would say: that it is ready or not, and what pods can have of it.</summary>
    public bool IsAsReported(V1Node node, bool ready) => NodeObject.Says(node, ready) && NodeObject.IsAllocatable(node.Status, options);

    /// <summary>Renews the node's lease, and makes it first where there is none (KEP-589).</summary>
    public async Task RenewLeaseAsync(string nodeUid, TimeSpan duration, DateTimeOffset now)
    {
        var seconds = (int)Math.Ceiling(duration.TotalSeconds);
        // All but one in thirty of a node's writes: written as it is, without the models' serializer. Names of nodes need no escapes.
        var patch = string.Create(CultureInfo.InvariantCulture,
            $$$"""{"spec":{"holderIdentity":"{{{options.Name}}}","leaseDurationSeconds":{{{seconds}}},"renewTime":"{{{ObjectMetadata.FormatMicroTime(now)}}}"}}""");
        if (await client.TryPatchAsync<V1Lease>(LeaseNamespace, options.Name, Encoding.UTF8.GetBytes(patch))) return;
        await client.CreateAsync(new V1Lease
        {
            Metadata = new V1ObjectMeta
            {
                Name = options.Name,
                NamespaceProperty = LeaseNamespace,
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Node", Name = options.Name, Uid = nodeUid }],
            },
            Spec = new V1LeaseSpec
            {
                HolderIdentity = options.Name, LeaseDurationSeconds = seconds, RenewTime = new DateTime(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc),
            },
        });
    }
}
