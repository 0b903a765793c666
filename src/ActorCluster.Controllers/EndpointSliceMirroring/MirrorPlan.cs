using System.Net;
using System.Net.Sockets;
using ActorCluster.Controllers.EndpointSlices;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.EndpointSliceMirroring;

/// <summary>Which slices mirror an Endpoints object that somebody else keeps, and what is to be written for it (pkg/controller/endpointslicemirroring). Pure.</summary>
/// <param name="Invalid">Addresses that are none.</param>
/// <param name="Skipped">Addresses beyond what one subset may have mirrored.</param>
internal sealed record MirrorPlan(IReadOnlyList<V1EndpointSlice> Create, IReadOnlyList<V1EndpointSlice> Update, IReadOnlyList<V1EndpointSlice> Delete, int Invalid, int Skipped)
{
    public const string ManagedBy = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private static readonly string[] LeftOut = ["endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"];

    /// <summary>--mirroring-max-endpoints-per-subset.</summary>
    public const int MaxEndpoints = 1000;

    /// <summary>Whether the Endpoints are to be mirrored at all: those of a service without selector, unless they say no or are a leader's lock.</summary>
    public static bool Wants(V1Endpoints endpoints, V1Service? service) =>
        service is { Metadata.DeletionTimestamp: null, Spec.Selector: null or { Count: 0 } }
        && endpoints.Metadata.DeletionTimestamp is null
        && !(endpoints.Metadata.Labels?.TryGetValue(SkipLabel, out var skip) == true && skip == "true")
        && endpoints.Metadata.Annotations?.ContainsKey(LeaderAnnotation) != true;

    public static MirrorPlan Of(V1Endpoints endpoints, IReadOnlyList<V1EndpointSlice> existing)
    {
        var (invalid, skipped) = (0, 0);
        var wanted = new Dictionary<string, V1EndpointSlice>(StringComparer.Ordinal);
        foreach (var subset in endpoints.Subsets ?? [])
        {
            var added = 0;
            var addresses = (subset.Addresses ?? []).Select(address => (address, Ready: true)).Concat((subset.NotReadyAddresses ?? []).Select(address => (address, Ready: false)));
            foreach (var (address, ready) in addresses)
            {
                if (added == MaxEndpoints) skipped++;
                else if (!IPAddress.TryParse(address.Ip, out var ip)) invalid++;
                else
                {
                    added++;
                    var slice = New(endpoints, subset, ip.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4");
                    if (!wanted.TryAdd(KeyOf(slice), slice)) slice = wanted[KeyOf(slice)];
                    slice.Endpoints.Add(EndpointOf(address, ip, ready));
                }
            }
        }

        List<V1EndpointSlice> create = [], update = [], delete = [];
        foreach (var slice in existing.OrderBy(slice => slice.Metadata.Name, StringComparer.Ordinal))
        {
            // One slice for each set of ports and address family; what is over goes.
            if (!wanted.Remove(KeyOf(slice), out var mirror)) delete.Add(slice);
            else if (!IsMirror(slice, mirror)) update.Add(slice with { Metadata = Adopted(slice.Metadata, mirror.Metadata), Endpoints = mirror.Endpoints });
        }
        create.AddRange(wanted.Values);
        return new(create, update, delete, invalid, skipped);
    }

    private static bool IsMirror(V1EndpointSlice slice, V1EndpointSlice mirror) =>
        ObjectCopy.SemanticallyEqual(slice.Metadata.Labels, mirror.Metadata.Labels)
        && ObjectCopy.SemanticallyEqual(slice.Metadata.Annotations, mirror.Metadata.Annotations)
        && ObjectCopy.SemanticallyEqual(slice.Metadata.OwnerReferences, mirror.Metadata.OwnerReferences)
        && ObjectCopy.SemanticallyEqual(slice.Endpoints, mirror.Endpoints);

    private static V1ObjectMeta Adopted(V1ObjectMeta metadata, V1ObjectMeta mirror) =>
        metadata with { Labels = mirror.Labels, Annotations = mirror.Annotations, OwnerReferences = mirror.OwnerReferences };

    private static V1EndpointSlice New(V1Endpoints endpoints, V1EndpointSubset subset, string family) => new()
    {
        ApiVersion = ApiVersions.Discovery,
        Kind = "EndpointSlice",
        Metadata = new V1ObjectMeta
        {
            GenerateName = endpoints.Metadata.Name + "-",
            NamespaceProperty = endpoints.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string>(endpoints.Metadata.Labels ?? new Dictionary<string, string>())
            {
                [EndpointSlicePlan.ServiceNameLabel] = endpoints.Metadata.Name,
                [EndpointSlicePlan.ManagedByLabel] = ManagedBy,
            },
            Annotations = (endpoints.Metadata.Annotations ?? new Dictionary<string, string>()).Where(pair => !LeftOut.Contains(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value),
            OwnerReferences = [Owners.ControllerReference(endpoints, ApiVersions.Core, "Endpoints")],
        },
        AddressType = family,
        Ports =
        [
            .. (subset.Ports ?? []).Select(port => new Discoveryv1EndpointPort { Name = port.Name ?? "", Port = port.Port, Protocol = port.Protocol ?? "TCP", AppProtocol = port.AppProtocol }),
        ],
        Endpoints = [],
    };

    private static V1Endpoint EndpointOf(V1EndpointAddress address, IPAddress ip, bool ready) => new()
    {
        Addresses = [ip.ToString()],
        Conditions = new V1EndpointConditions { Ready = ready },
        Hostname = string.IsNullOrEmpty(address.Hostname) ? null : address.Hostname,
        NodeName = address.NodeName,
        TargetRef = address.TargetRef,
    };

    private static string KeyOf(V1EndpointSlice slice) => slice.AddressType + "|" + string.Join(';',
        (slice.Ports ?? []).Select(port => $"{port.Name}/{port.Port}/{port.Protocol}/{port.AppProtocol}").Order(StringComparer.Ordinal));
}
