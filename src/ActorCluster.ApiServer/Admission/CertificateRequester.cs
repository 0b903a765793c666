using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Certificates;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.ApiServer.Admission;

/// <summary>
/// Notes on a certificate signing request who made it, and lets nobody ask for a certificate of the group that may do everything
/// (pkg/registry/certificates/certificates/strategy.go, plugin/pkg/admission/certificates/subjectrestriction).
/// </summary>
internal sealed class CertificateRequester : IAdmission
{
    private const string Masters = "system:masters";
    private static readonly ResourceName Requests = new("certificates.k8s.io", "certificatesigningrequests");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Requests) return;
        var spec = request.Object.Ensure("spec");
        foreach (var field in (ReadOnlySpan<string>)["username", "uid", "groups", "extra"]) spec.Remove(field);
        spec["username"] = request.Options.User;
        if (request.Options.UserDetails is { } details)
        {
            if (details.Uid.Length > 0) spec["uid"] = details.Uid;
            if (details.Groups.Count > 0) spec["groups"] = JsonDocuments.ArrayOf([.. details.Groups]);
            if (details.Extra.Count > 0) spec["extra"] = Extra(details.Extra);
        }
        if (spec.GetString("signerName") != KubernetesSigners.ApiClient || CertificateSigningRequestStrategy.Request(spec, out _) is not { } asked) return;
        if (asked.Organizations.Contains(Masters))
            throw StatusException.Forbidden(Requests, request.Name, $"use of {KubernetesSigners.ApiClient} signer with {Masters} group is not allowed");
    }

    private static JsonObject Extra(IReadOnlyList<(string Key, string Value)> extra)
    {
        var map = new JsonObject();
        foreach (var of in extra.GroupBy(e => e.Key, StringComparer.Ordinal).OrderBy(e => e.Key, StringComparer.Ordinal)) map[of.Key] = JsonDocuments.ArrayOf([.. of.Select(e => e.Value)]);
        return map;
    }
}
