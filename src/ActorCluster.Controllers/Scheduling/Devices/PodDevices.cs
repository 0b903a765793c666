using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Devices;

/// <summary>
/// What pods' claims of devices have to do with where pods go (plugins/dynamicresources). There are no devices here and nobody who would allocate any, so that a pod goes only where
/// somebody else has written an allocation into its claims' status.
/// </summary>
internal sealed class PodDevices
{
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<Resourcev1ResourceClaim> _claims;
    private readonly Informer<V1DeviceClass> _classes;

    public PodDevices(ControllerServices services)
    {
        _pods = services.Informers.Of<V1Pod>();
        _claims = services.Informers.Of<Resourcev1ResourceClaim>();
        _classes = services.Informers.Of<V1DeviceClass>();
    }

    /// <param name="tryPod">Called with "ns/name" of a pod whose claim has changed.</param>
    /// <param name="tryAll">Called when classes have changed, which may help any pod.</param>
    public void Attach(Action<string> tryPod, Action tryAll)
    {
        _claims.Changed += (before, after) =>
        {
            var claim = (after ?? before)!.Metadata;
            foreach (var pod in _pods.List())
            {
                if (pod.Metadata.NamespaceProperty == claim.NamespaceProperty && !PodFacts.IsScheduled(pod) && Names(pod).Contains(claim.Name)) tryPod(PodFacts.KeyOf(pod));
            }
        };
        _classes.Changed += (_, after) =>
        {
            if (after is not null) tryAll();
        };
    }

    /// <summary>Whether each claim that the pod names is there; until then it isn't looked at, and nothing is said of it.</summary>
    public bool AreClaimed(V1Pod pod) => Names(pod).All(name => name is not null && Find(pod, name) is { Metadata.DeletionTimestamp: null });

    /// <summary>Why the pod can go nowhere for now, in upstream's words; null: it depends on the nodes.</summary>
    public string? Prevents(V1Pod pod)
    {
        foreach (var claim in Unallocated(pod))
        {
            foreach (var request in claim.Spec.Devices?.Requests ?? [])
            {
                IEnumerable<(string Name, string? Class)> asked = request.Exactly is { } exactly
                    ? [(request.Name, exactly.DeviceClassName)]
                    : (request.FirstAvailable ?? []).Select(sub => ($"{request.Name}/{sub.Name}", (string?)sub.DeviceClassName));
                foreach (var (name, wanted) in asked)
                {
                    if (wanted is { Length: > 0 } && _classes.Get("", wanted) is null) return $"request {name}: device class {wanted} does not exist";
                }
            }
        }

        return null;
    }

    /// <summary>The pod's claims that have no device yet.</summary>
    public IEnumerable<Resourcev1ResourceClaim> Unallocated(V1Pod pod) => Claims(pod).Where(claim => claim.Status?.Allocation is null);

    /// <summary>Where the devices that the pod has can be reached; an allocation without one is everywhere.</summary>
    public IEnumerable<V1NodeSelector> Places(V1Pod pod) => Claims(pod).Select(claim => claim.Status?.Allocation?.NodeSelector).OfType<V1NodeSelector>();

    private IEnumerable<Resourcev1ResourceClaim> Claims(V1Pod pod) => Names(pod).Select(name => name is null ? null : Find(pod, name)).OfType<Resourcev1ResourceClaim>();

    private Resourcev1ResourceClaim? Find(V1Pod pod, string name) => _claims.Get(pod.Metadata.NamespaceProperty, name);

    /// <returns>Null for a claim that is yet to be made from its template.</returns>
    private static IEnumerable<string?> Names(V1Pod pod)
    {
        foreach (var claim in pod.Spec.ResourceClaims ?? [])
        {
            if (claim.ResourceClaimName is { } name)
            {
                yield return name;
                continue;
            }

            // A status without a name says that none is needed.
            var made = pod.Status?.ResourceClaimStatuses?.FirstOrDefault(status => status.Name == claim.Name);
            if (made is null) yield return null;
            else if (made.ResourceClaimName is { } generated) yield return generated;
        }
    }
}
