using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.Certificates;

/// <summary>certificatesigningrequests, certificates.k8s.io/v1.</summary>
public static class CertificateSigningRequestResource
{
    public const string Approved = "Approved";
    public const string Denied = "Denied";
    public const string Failed = "Failed";

    internal static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1CertificateSigningRequest>() with
    {
        ShortNames = ["csr"],
        Strategy = new CertificateSigningRequestStrategy(),
        Subresources =
        [
            SubresourceDefinition.Status("CertificateSigningRequest"),
            new SubresourceDefinition("approval", "CertificateSigningRequest", Verbs: ["get", "patch", "update"]),
        ],
        SelectableFields = [SelectableField.At("spec.signerName")],
        Printer = TablePrinter.Of(
            TableCell.Age,
            TableCell.Text("SignerName", "Who is asked to sign.", "spec", "signerName"),
            TableCell.Text("Requestor", "Who asked.", "spec", "username"),
            new TableCell("RequestedDuration", "string", "How long the certificate is wanted for.",
                obj => obj.IntegerAt("spec", "expirationSeconds") is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : "<none>"),
            new TableCell("Condition", "string", "What became of the request.", obj => Condition(obj))),
    };

    /// <summary>Whether the request has a condition of that type.</summary>
    public static bool Has(JsonObject request, string type) => request.GetObject("status").GetObjects("conditions").Any(c => c.GetString("type") == type);

    private static string Condition(JsonObject request)
    {
        var text = Has(request, Denied) ? Denied : Has(request, Approved) ? Approved : "Pending";
        if (Has(request, Failed)) text += ",Failed";
        return request.TextAt("status", "certificate") is { Length: > 0 } ? text + ",Issued" : text;
    }
}
