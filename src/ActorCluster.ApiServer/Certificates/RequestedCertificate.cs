using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Api.Certificates;

namespace ActorCluster.ApiServer.Certificates;

/// <summary>Certificates that the cluster's authority signs for others (pkg/controller/certificates/authority/policies.go).</summary>
internal static class RequestedCertificate
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(5);

    /// <summary>Below this the end isn't put back with the beginning.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromHours(8);

    /// <returns>The certificate, PEM.</returns>
    /// <param name="wanted">How long it shall be valid; null: as long as may be.</param>
    /// <exception cref="CryptographicException">The authority can't sign, because it is no longer valid for instance.</exception>
    public static string Sign(X509Certificate2 authority, SigningRequest request, IReadOnlyCollection<string> usages, TimeSpan? wanted, DateTimeOffset now)
    {
        var duration = wanted is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, Shortest.Ticks, Longest.Ticks)) : Longest;
        var to = duration < Short ? now + duration : now + duration - Backdate;
        var end = new DateTimeOffset(authority.NotAfter);
        var certificate = new CertificateRequest(request.Subject, request.PublicKey, HashAlgorithmName.SHA256);
        certificate.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (CertificateUsages.KeyUsage(usages) is var flags and not X509KeyUsageFlags.None) certificate.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        if (CertificateUsages.Extended(usages) is { Count: > 0 } purposes) certificate.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, false));
        certificate.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (request.AlternativeNames is { } names) certificate.CertificateExtensions.Add(names);
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var key = authority.GetECDsaPrivateKey()!;
        using var signed = certificate.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Backdate, to < end ? to : end, serial);
        return signed.ExportCertificatePem() + "\n";
    }
}
