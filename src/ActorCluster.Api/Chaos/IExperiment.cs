using k8s;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>What all kinds of experiments have in common.</summary>
public interface IExperiment : IKubernetesObject<V1ObjectMeta>
{
    ChaosStatus? Status { get; set; }

    /// <summary>How long it goes on, as Go writes durations; null: until it is deleted.</summary>
    string? Duration { get; }

    /// <summary>It happens once, and there is nothing to recover.</summary>
    bool IsOneShot { get; }
}
