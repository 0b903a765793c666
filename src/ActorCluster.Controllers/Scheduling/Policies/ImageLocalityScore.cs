using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Policies;

/// <summary>Rather where the pod's images are, the more so the bigger they are and the more nodes have them (plugins/imagelocality).</summary>
internal sealed class ImageLocalityScore : IScorePolicy
{
    private const long MegaByte = 1024 * 1024;
    private const long Least = 23 * MegaByte;
    private const long MostOfContainer = 1000 * MegaByte;

    public int Weight => 1;

    public long[]? Score(SchedulingPod pod, IReadOnlyList<NodeState> feasible, ClusterState cluster)
    {
        List<V1Container> containers = [.. pod.Pod.Spec.InitContainers ?? [], .. pod.Pod.Spec.Containers ?? []];
        var images = containers.Select(container => Normalize(container.Image ?? "")).Where(image => cluster.NodesWith(image) > 0).ToList();
        if (images.Count == 0) return null;
        var scores = new long[feasible.Count];
        var most = MostOfContainer * Math.Max(1, containers.Count);
        for (var i = 0; i < scores.Length; i++)
        {
            var sum = images.Sum(image => feasible[i].Images.TryGetValue(image, out var size) ? (long)(size * ((double)cluster.NodesWith(image) / cluster.Nodes.Count)) : 0);
            scores[i] = ScoreScale.Max * (Math.Clamp(sum, Least, most) - Least) / (most - Least);
        }

        return Array.TrueForAll(scores, score => score == 0) ? null : scores;
    }

    /// <summary>With a tag.</summary>
    private static string Normalize(string image) =>
        image.LastIndexOf(':') <= image.LastIndexOf('/') ? $"{image}:latest" : image;
}
