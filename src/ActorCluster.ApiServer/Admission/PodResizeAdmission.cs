using System.Globalization;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Quotas;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Refuses to resize a pod to more than its node has at all: waiting for others to give something back would never help (plugin/pkg/admission/podresize).</summary>
internal sealed class PodResizeAdmission : IAdmission
{
    private const string NodeCapacity = "NodeCapacity";
    private static readonly ResourceName Nodes = new("", "nodes");

    public bool Handles(string part) => part == PodParts.Resize;

    public void Admit(AdmissionRequest request)
    {
        if (request.Object.TextAt("spec", "nodeName") is not { Length: > 0 } name) return;
        if (ObjectMetadata.Of(request.Object).Generation == ObjectMetadata.Of(request.Old!).Generation) return;
        if (request.Snapshot.Get(new ObjectKey(Nodes, "", name)) is not { } stored) throw StatusException.Forbidden(request.Definition.Name, request.Name, $"node \"{name}\" not found");
        var requested = PodResources.Requests(request.Object);
        var allocatable = ResourceAmounts.Read(ObjectEncoder.Decode(stored).At("status", "allocatable"));
        List<string> lacking = [];
        // cpu is told in thousandths.
        foreach (var (resource, tell) in new (string, Func<Quantity, long>)[] { ("cpu", amount => amount.ToMilli()), ("memory", amount => amount.ToInt64()) })
        {
            var (wanted, most) = (requested.GetValueOrDefault(resource), allocatable.GetValueOrDefault(resource));
            if (wanted > most) lacking.Add(string.Create(CultureInfo.InvariantCulture, $"{resource}, requested: {tell(wanted)}, allocatable: {tell(most)}"));
        }
        if (lacking.Count > 0)
            throw StatusException.Forbidden(request.Definition.Name, request.Name, $"node didn't have enough allocatable resources: {string.Join("; ", lacking)}", NodeCapacity);
    }
}
