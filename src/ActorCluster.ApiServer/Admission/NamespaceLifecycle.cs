using ActorCluster.Api;
using ActorCluster.Api.Errors;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Nothing is created in a namespace that is absent or being deleted; the namespaces that the system lives in stay.</summary>
/// <remarks>apiserver/pkg/admission/plugin/namespace/lifecycle.</remarks>
internal sealed class NamespaceLifecycle : IAdmission
{
    private static readonly ResourceName Namespaces = new("", "namespaces");
    private static readonly HashSet<string> Immortal = ["default", "kube-system", "kube-public"];

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete)
        {
            if (request.Definition.Name == Namespaces && Immortal.Contains(request.Name))
            {
                throw StatusException.Forbidden(Namespaces, request.Name, "this namespace may not be deleted");
            }
            return;
        }
        if (request.Operation != AdmissionOperation.Create || !request.Definition.Namespaced) return;
        var home = request.Snapshot.Get(new ObjectKey(Namespaces, "", request.Namespace)) ?? throw StatusException.NotFound(Namespaces, request.Namespace);
        if (home.Header.Deleting)
        {
            throw StatusException.Forbidden(request.Definition.Name, request.Name,
                $"unable to create new content in namespace {request.Namespace} because it is being terminated", "NamespaceTerminating", "metadata.namespace");
        }
    }
}
