using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;

namespace ActorCluster.ApiServer.Admission;

/// <summary>An Ingress that names no class gets the default one, the newest if there are several (plugin/pkg/admission/network/defaultingressclass).</summary>
internal sealed class DefaultIngressClass : IAdmission
{
    private const string OldAnnotation = "kubernetes.io/ingress.class";
    private static readonly ResourceName Ingresses = new("networking.k8s.io", "ingresses");
    private static readonly ResourceName Classes = new("networking.k8s.io", "ingressclasses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Ingresses) return;
        var spec = request.Object.Ensure("spec");
        if (spec.Has("ingressClassName") || ObjectMetadata.Of(request.Object).Annotations?.ContainsKey(OldAnnotation) == true) return;
        var newest = request.Snapshot.List(Classes).Select(ObjectEncoder.Decode).Where(IngressClassResource.IsDefault)
            .OrderByDescending(c => ObjectMetadata.Of(c).CreationTimestamp, StringComparer.Ordinal)
            .ThenBy(c => ObjectMetadata.Of(c).Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (newest is not null) spec["ingressClassName"] = ObjectMetadata.Of(newest).Name;
    }
}
