using System.Text;
using System.Text.Json;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Outside;
using ActorCluster.Nodes.Pods;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Streams;

/// <summary>What the node's agent answers at its own port (pkg/kubelet/server): its health, its folder of logs, a census of what it keeps, and the real sockets that it has open. There are no statistics.</summary>
internal static class AgentStream
{
    private const string LogsPath = "/logs";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="node">The NodeActor.</param>
    public static async Task<StreamExit> RunAsync(IActorRef node, AgentRequest request, IContainerStreamPeer peer)
    {
        if (request.Path is "/healthz" or "/healthz/ping" or "/healthz/syncloop") return await AnswerAsync(AgentAnswer.Plain, "ok"u8.ToArray(), peer);
        if (request.Path == LogsPath || request.Path.StartsWith(LogsPath + "/", StringComparison.Ordinal)) return await LogsAsync(node, Uri.UnescapeDataString(request.Path), peer);
        if (request.Path == "/debug/census")
        {
            var census = await node.Ask<NodeCensus>(GetCensus.Instance, Patience, peer.CallerGone);
            return await AnswerAsync(new AgentAnswer(200, AgentAnswer.Json), JsonSerializer.SerializeToUtf8Bytes(census, JsonSerializerOptions.Web), peer);
        }

        if (request.Path == "/debug/sockets")
        {
            var open = await node.Ask<OpenSockets>(GetOpenSockets.Instance, Patience, peer.CallerGone);
            return await AnswerAsync(new AgentAnswer(200, AgentAnswer.Json), JsonSerializer.SerializeToUtf8Bytes(open.Sockets, JsonSerializerOptions.Web), peer);
        }

        throw NotFound();
    }

    /// <summary>As a file server does it: folders are pages of links, and their paths end with a slash.</summary>
    private static async Task<StreamExit> LogsAsync(IActorRef node, string asked, IContainerStreamPeer peer)
    {
        var path = asked[LogsPath.Length..].Trim('/');
        var last = asked[(asked.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/');
        var folder = await FolderAsync(node, path, peer.CallerGone);
        if (folder.File(path) is { } log)
        {
            return asked.EndsWith('/')
                ? await AnswerAsync(new AgentAnswer(301, AgentAnswer.PlainText, "../" + last), [], peer)
                : await AnswerAsync(AgentAnswer.Plain, LogFile.Render(log), peer);
        }

        if (folder.Folder(path) is not { } names) throw NotFound();
        if (!asked.EndsWith('/')) return await AnswerAsync(new AgentAnswer(301, AgentAnswer.PlainText, last + "/"), [], peer);
        // Names of pods and containers need no escaping, neither as links nor as text.
        var page = $"<pre>\n{string.Concat(names.Select(name => $"<a href=\"{name}\">{name}</a>\n"))}</pre>\n";
        return await AnswerAsync(new AgentAnswer(200, AgentAnswer.Html), Encoding.ASCII.GetBytes(page), peer);
    }

    private static async Task<NodeLogFolder> FolderAsync(IActorRef node, string path, CancellationToken cancellationToken)
    {
        var pods = (await node.Ask<PodsOfNode>(GetPods.Instance, Patience, cancellationToken)).Pods;
        var containers = await Task.WhenAll(NodeLogFolder.Needs(pods, path).Select(needed => FindAsync(node, needed.Pod, needed.Container, cancellationToken)));
        return new NodeLogFolder(pods, containers.OfType<ContainerAccess>());
    }

    private static async Task<object?> FindAsync(IActorRef node, V1Pod pod, string container, CancellationToken cancellationToken)
    {
        try
        {
            return await node.Ask<object>(new FindContainer(pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid, container), Patience, cancellationToken);
        }
        catch (AskTimeoutException)
        {
            // The pod's actor ended between the question and its answer, and its logs with it.
            return null;
        }
    }

    private static async Task<StreamExit> AnswerAsync(AgentAnswer head, byte[] body, IContainerStreamPeer peer)
    {
        await peer.WriteAsync(StreamChannel.Error, head.ToBytes(), peer.CallerGone);
        if (body.Length > 0) await peer.WriteAsync(StreamChannel.Stdout, body, peer.CallerGone);
        return new StreamExit(null);
    }

    private static ContainerStreamException NotFound() => new(404, "NotFound", "404 page not found");
}
