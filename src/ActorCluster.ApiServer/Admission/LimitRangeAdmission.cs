using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quotas;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Gives new pods the requests and limits that their namespace's LimitRanges have as defaults, and refuses pods and claims that don't keep
/// to them (plugin/pkg/admission/limitranger).</summary>
internal sealed class LimitRangeAdmission : IAdmission
{
    private const string Annotation = "kubernetes.io/limit-ranger";
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName Claims = new("", "persistentvolumeclaims");
    private static readonly ResourceName LimitRanges = new("", "limitranges");

    public bool Handles(string part) => part is "" or PodParts.Resize;

    public void Admit(AdmissionRequest request)
    {
        var isPod = request.Definition.Name == Pods;
        if (request.Operation == AdmissionOperation.Delete || (!isPod && request.Definition.Name != Claims)) return;
        // What a pod's containers need is fixed once it is there, unless it is resized.
        if (request.Operation == AdmissionOperation.Update && ((isPod && request.Part != PodParts.Resize) || ObjectMetadata.Of(request.Old!).IsDeleting)) return;
        var ranges = request.Snapshot.List(LimitRanges, request.Namespace).Select(ObjectEncoder.Decode).ToList();
        if (ranges.Count == 0) return;
        if (isPod)
        {
            foreach (var range in ranges) Complete(request.Object, range);
        }
        foreach (var range in ranges)
        {
            var faults = range.GetObject("spec").GetObjects("limits")
                .SelectMany(item => isPod ? OfPod(item, request.Object) : OfClaim(item, request.Object)).Distinct().ToList();
            if (faults.Count == 0) continue;
            throw StatusException.Forbidden(request.Definition.Name, request.Name, faults.Count == 1 ? faults[0] : $"[{string.Join(", ", faults)}]");
        }
    }

    private static IEnumerable<string> OfPod(JsonObject item, JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        return item.GetString("type") switch
        {
            "Container" => spec.GetObjects("containers").Concat(spec.GetObjects("initContainers")).SelectMany(container =>
                LimitConstraints.OfResources(item, ResourceAmounts.Read(container.At("resources", "requests")), ResourceAmounts.Read(container.At("resources", "limits")))),
            "Pod" => LimitConstraints.OfResources(item, PodResources.Requests(pod, withOverhead: false), PodResources.Limits(pod, withOverhead: false)),
            _ => [],
        };
    }

    private static IEnumerable<string> OfClaim(JsonObject item, JsonObject claim) =>
        item.GetString("type") == "PersistentVolumeClaim" ? LimitConstraints.OfClaim(item, ResourceAmounts.Read(claim.At("spec", "resources", "requests"))) : [];

    private static void Complete(JsonObject pod, JsonObject range)
    {
        var (requests, limits) = (new JsonObject(), new JsonObject());
        foreach (var item in range.GetObject("spec").GetObjects("limits").Where(item => item.GetString("type") == "Container"))
        {
            foreach (var (name, value) in item.GetObject("defaultRequest") ?? []) requests[name] = value?.DeepClone();
            foreach (var (name, value) in item.GetObject("default") ?? []) limits[name] = value?.DeepClone();
        }

        var spec = pod.Ensure("spec");
        var notes = spec.GetObjects("containers").SelectMany(container => Complete(container, "container", requests, limits))
            .Concat(spec.GetObjects("initContainers").SelectMany(container => Complete(container, "init container", requests, limits))).ToList();
        if (notes.Count == 0) return;
        ObjectMetadata.Of(pod).Json.Ensure("annotations")[Annotation] = $"LimitRanger plugin set: {string.Join("; ", notes)}";
        pod.Ensure("status")["qosClass"] = PodQualityOfService.Of(pod);
    }

    private static IEnumerable<string> Complete(JsonObject container, string kind, JsonObject requests, JsonObject limits)
    {
        var resources = container.Ensure("resources");
        var limited = Add(resources, "limits", limits);
        var requested = Add(resources, "requests", requests);
        if (requested.Count > 0) yield return $"{string.Join(", ", requested)} request for {kind} {container.GetString("name")}";
        if (limited.Count > 0) yield return $"{string.Join(", ", limited)} limit for {kind} {container.GetString("name")}";
    }

    private static List<string> Add(JsonObject resources, string field, JsonObject defaults)
    {
        var missing = defaults.Where(pair => resources.At(field, pair.Key) is null).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        foreach (var name in missing) resources.Ensure(field)[name] = defaults[name]!.DeepClone();
        return missing;
    }
}
