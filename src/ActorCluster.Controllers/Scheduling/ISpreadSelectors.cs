using ActorCluster.Api.Selectors;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Says which pods belong together with a pod, so that they are spread.</summary>
internal interface ISpreadSelectors
{
    /// <summary>Everything if the pod belongs to nothing.</summary>
    LabelSelector For(V1Pod pod);
}
