using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Client;

/// <summary>Events on Node objects that tell what a user did to the process below, as a cloud provider's controller tells of its machines.</summary>
public static class NodeEvents
{
    private const string Component = "actorcluster";

    /// <summary>For an API that is busy; one that is away is not waited for much longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>False: the API doesn't answer, or doesn't take them; nothing depends on events.</returns>
    public static async Task<bool> RecordAsync(ClusterFolder folder, IEnumerable<string> nodes, bool warning, string reason, string message, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Kubeconfig)) return false;
        using var client = KubeconfigClient.Create(folder.Kubeconfig);
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            foreach (var node in nodes)
            {
                using var answer = await client.PostAsJsonAsync("api/v1/namespaces/default/events", Event(node, warning, reason, message, clock.GetUtcNow()), either.Token);
                if (!answer.IsSuccessStatusCode) return false;
            }

            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static JsonObject Event(string node, bool warning, string reason, string message, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"{node}.{now.UtcTicks:x}"), ["namespace"] = "default" },
            // By its name where a uid belongs, as kubelets do.
            ["involvedObject"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node, ["uid"] = node },
            ["type"] = warning ? "Warning" : "Normal",
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = Component },
            ["firstTimestamp"] = time,
            ["lastTimestamp"] = time,
            ["count"] = 1,
        };
    }
}
