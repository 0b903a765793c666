using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.TestKit.Reports;

/// <summary>Says why something isn't as it should be, as far as the cluster knows: the object, what became of what it made, events, nodes, lost packets. On the cluster's loop.</summary>
internal sealed class ClusterReporter(TestCluster cluster)
{
    private const int EventsShown = 12;
    private readonly KubeClient _client = new(cluster.Inner.Api, "test");
    private readonly SortedSet<string> _unknownImages = new(StringComparer.Ordinal);

    /// <param name="what">What it should be, after "should".</param>
    public async Task<string> ExplainAsync<T>(string ns, string name, string what) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var text = new StringBuilder($"{KubernetesType.Of<T>().Kind} {(ns.Length == 0 ? name : $"{ns}/{name}")} should {what}.\n");
        var found = await _client.GetAsync<T>(ns, name);
        if (found is null)
        {
            var others = await _client.ListAsync<T>(ns);
            text.Append("There is none. ").Append(others.Count == 0 ? "There are no others of its kind there" : $"There are: {string.Join(", ", others.Select(other => other.Metadata.Name))}").Append(".\n");
        }
        else
        {
            var document = JsonNode.Parse(KubernetesDocument.Write(found))!.AsObject();
            Status(text, document);
            await EventsAsync(text, ns, found.Metadata.Name, found.Metadata.Uid);
            if (found is not V1Pod && Selector(document) is { Length: > 0 } selector) await PodsAsync(text, ns, selector);
            if (found is V1Pod pod) Containers(text, pod);
        }
        await ClusterAsync(text);
        return text.ToString();
    }

    /// <inheritdoc cref="ExplainAsync{T}"/>
    public async Task<string> ExplainAllAsync<T>(string ns, string? selector, string what) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var text = new StringBuilder($"The objects {KubernetesType.Of<T>().Resource.Plural}{(ns.Length == 0 ? "" : $" of {ns}")}{(selector is null ? "" : $" with {selector}")} should {what}. They are:\n");
        foreach (var item in await _client.ListAsync<T>(ns, selector)) text.Append("  ").Append(Encoding.UTF8.GetString(KubernetesDocument.Write(item))).Append('\n');
        await ClusterAsync(text);
        return text.ToString();
    }

    private static void Status(StringBuilder text, JsonObject document)
    {
        if (document.GetObject("status") is not { } status) return;
        var rest = status.DeepClone().AsObject();
        rest.Remove("conditions");
        rest.Remove("containerStatuses");
        rest.Remove("initContainerStatuses");
        rest.Remove("images");
        text.Append("status: ").Append(rest.ToJsonString(JsonDocuments.CompactJson)).Append('\n');
        foreach (var condition in status.GetObjects("conditions"))
            text.Append($"  {condition.GetString("type")}={condition.GetString("status")} since {condition.GetString("lastTransitionTime") ?? "ever"}: {condition.GetString("reason")} {condition.GetString("message")}".TrimEnd(' ', ':')).Append('\n');
    }

    private async Task EventsAsync(StringBuilder text, string ns, string name, string uid, string indent = "")
    {
        var events = (await _client.ListAsync<Corev1Event>(ns)).Where(item => item.InvolvedObject.Name == name && (string.IsNullOrEmpty(item.InvolvedObject.Uid) || item.InvolvedObject.Uid == uid || ns.Length == 0));
        foreach (var item in events.OrderBy(item => item.LastTimestamp).TakeLast(EventsShown))
            text.Append(CultureInfo.InvariantCulture, $"{indent}event {item.LastTimestamp:HH:mm:ss} {item.Type} {item.Reason}{(item.Count > 1 ? $" x{item.Count}" : "")}: {item.Message}\n");
    }

    private static string? Selector(JsonObject document)
    {
        var selector = document.GetObject("spec")?.GetObject("selector");
        var labels = selector?.GetObject("matchLabels") ?? (document.GetString("kind") is "Service" or "ReplicationController" ? selector : null);
        return labels is null ? null : string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));
    }

    private async Task PodsAsync(StringBuilder text, string ns, string selector)
    {
        var pods = await _client.ListAsync<V1Pod>(ns, selector);
        text.Append(CultureInfo.InvariantCulture, $"pods with {selector}: {pods.Count}\n");
        foreach (var pod in pods)
        {
            var ready = pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "?";
            var ending = pod.Metadata.DeletionTimestamp is null ? "" : ", being deleted";
            text.Append(CultureInfo.InvariantCulture, $"  {pod.Metadata.Name} on {pod.Spec.NodeName ?? "no node"}: {pod.Status?.Phase}, ready {ready}{ending}, {pod.Status?.PodIP ?? "no address"}\n");
            if (ready == "True" && ending.Length == 0) continue;
            Containers(text, pod);
            await EventsAsync(text, ns, pod.Metadata.Name, pod.Metadata.Uid, "    ");
        }
    }

    private void Containers(StringBuilder text, V1Pod pod)
    {
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
        {
            var state = container.State?.Waiting is { } waiting ? $"waiting: {waiting.Reason} {waiting.Message}"
                : container.State?.Terminated is { } ended ? $"ended with {ended.ExitCode}: {ended.Reason} {ended.Message}"
                : "running";
            text.Append(CultureInfo.InvariantCulture, $"    container {container.Name} ({container.Image}): {state.TrimEnd()}, ready {container.Ready}, {container.RestartCount} restarts\n");
            if (container.State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff") _unknownImages.Add(container.Image);
        }
    }

    private async Task ClusterAsync(StringBuilder text)
    {
        foreach (var image in _unknownImages)
            text.Append($"A test adds images of its own: cluster.Images.Add(\"{image}\", app => ...) an ASP.NET Core application, cluster.Images.AddProgram(\"{image}\", process => ...) a program, cluster.Images.Add(image) a ContainerImage.\n");
        foreach (var node in await _client.ListAsync<V1Node>())
        {
            var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
            var taints = string.Join(", ", (node.Spec.Taints ?? []).Select(taint => $"{taint.Key}:{taint.Effect}"));
            text.Append(CultureInfo.InvariantCulture, $"node {node.Metadata.Name}: Ready {ready?.Status} ({ready?.Reason}){(taints.Length == 0 ? "" : $", taints {taints}")}\n");
        }
        var lost = cluster.Network.LostPackets;
        if (lost.Count > 0) text.Append("the last packets that nobody got:\n  ").AppendJoin("\n  ", lost.TakeLast(EventsShown)).Append('\n');
        if (cluster.Errors.Count > 0) text.Append("faults inside the cluster:\n  ").AppendJoin("\n  ", cluster.Errors).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"It is {cluster.Clock.UtcNow:yyyy-MM-dd HH:mm:ss.fff}, {cluster.Clock.Elapsed} after the start, seed {cluster.Seed}.");
    }
}
