namespace ActorCluster.Api.Certificates;

/// <summary>The signers that every cluster has, and what each of them signs (pkg/controller/certificates/signer, pkg/apis/certificates/helpers.go).</summary>
public static class KubernetesSigners
{
    public const string ApiClient = "kubernetes.io/kube-apiserver-client";
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string KubeletServing = "kubernetes.io/kubelet-serving";

    private const string NodeUser = "system:node:";
    private static readonly string[] NodeGroup = ["system:nodes"];
    private static readonly HashSet<string> ClientUsages = [CertificateUsages.DigitalSignature, CertificateUsages.KeyEncipherment, CertificateUsages.ClientAuth];
    private static readonly HashSet<string> ServingUsages = [CertificateUsages.DigitalSignature, CertificateUsages.KeyEncipherment, CertificateUsages.ServerAuth];

    public static bool Know(string signer) => signer is ApiClient or KubeletClient or KubeletServing;

    /// <returns>Why the signer refuses; null: it signs.</returns>
    public static string? FaultOf(string signer, SigningRequest request, IReadOnlyCollection<string> usages) => signer switch
    {
        ApiClient => ApiClientFault(usages),
        KubeletClient => NodeFault(request)
            ?? (request.AlternativeNames is not null ? "subjectAltNames are not allowed" : null)
            ?? Usages(usages, ClientUsages),
        KubeletServing => NodeFault(request)
            ?? (request.DnsNames.Count + request.Addresses.Count == 0 ? "DNS or IP subjectAltName is required" : null)
            ?? Usages(usages, ServingUsages),
        _ => $"unrecognized signerName: \"{signer}\"",
    };

    private static string? ApiClientFault(IReadOnlyCollection<string> usages)
    {
        if (usages.FirstOrDefault(usage => !ClientUsages.Contains(usage)) is { } other) return $"invalid usage for client certificate: {other}";
        return usages.Contains(CertificateUsages.ClientAuth) ? null : "missing required usage for client certificate: client auth";
    }

    private static string? NodeFault(SigningRequest request)
    {
        if (!request.Organizations.SequenceEqual(NodeGroup)) return "subject organization is not system:nodes";
        return request.CommonName.StartsWith(NodeUser, StringComparison.Ordinal) ? null : "subject common name does not begin with system:node: ";
    }

    /// <summary>Keys that aren't RSA can't encipher.</summary>
    private static string? Usages(IReadOnlyCollection<string> usages, HashSet<string> required) =>
        required.SetEquals(usages) || required.Where(usage => usage != CertificateUsages.KeyEncipherment).ToHashSet().SetEquals(usages)
            ? null
            : $"usages did not match [{string.Join(' ', required.Order(StringComparer.Ordinal))}]";
}
