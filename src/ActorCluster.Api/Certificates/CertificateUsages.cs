using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorCluster.Api.Certificates;

/// <summary>What a certificate may be asked for, by the API's names (certificates/v1, KeyUsage).</summary>
public static class CertificateUsages
{
    public const string ClientAuth = "client auth";
    public const string ServerAuth = "server auth";
    public const string DigitalSignature = "digital signature";
    public const string KeyEncipherment = "key encipherment";

    private static readonly Dictionary<string, X509KeyUsageFlags> Flags = new()
    {
        ["signing"] = X509KeyUsageFlags.DigitalSignature,
        [DigitalSignature] = X509KeyUsageFlags.DigitalSignature,
        ["content commitment"] = X509KeyUsageFlags.NonRepudiation,
        [KeyEncipherment] = X509KeyUsageFlags.KeyEncipherment,
        ["key agreement"] = X509KeyUsageFlags.KeyAgreement,
        ["data encipherment"] = X509KeyUsageFlags.DataEncipherment,
        ["cert sign"] = X509KeyUsageFlags.KeyCertSign,
        ["crl sign"] = X509KeyUsageFlags.CrlSign,
        ["encipher only"] = X509KeyUsageFlags.EncipherOnly,
        ["decipher only"] = X509KeyUsageFlags.DecipherOnly,
    };

    private static readonly Dictionary<string, string> Purposes = new()
    {
        ["any"] = "2.5.29.37.0",
        [ServerAuth] = "1.3.6.1.5.5.7.3.1",
        [ClientAuth] = "1.3.6.1.5.5.7.3.2",
        ["code signing"] = "1.3.6.1.5.5.7.3.3",
        ["email protection"] = "1.3.6.1.5.5.7.3.4",
        ["s/mime"] = "1.3.6.1.5.5.7.3.4",
        ["ipsec end system"] = "1.3.6.1.5.5.7.3.5",
        ["ipsec tunnel"] = "1.3.6.1.5.5.7.3.6",
        ["ipsec user"] = "1.3.6.1.5.5.7.3.7",
        ["timestamping"] = "1.3.6.1.5.5.7.3.8",
        ["ocsp signing"] = "1.3.6.1.5.5.7.3.9",
        ["microsoft sgc"] = "1.3.6.1.4.1.311.10.3.3",
        ["netscape sgc"] = "2.16.840.1.113730.4.1",
    };

    /// <summary>All names, in order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Flags.Keys.Concat(Purposes.Keys).Order(StringComparer.Ordinal)];

    public static X509KeyUsageFlags KeyUsage(IEnumerable<string> usages) =>
        usages.Aggregate(X509KeyUsageFlags.None, (all, usage) => all | Flags.GetValueOrDefault(usage, X509KeyUsageFlags.None));

    public static OidCollection Extended(IEnumerable<string> usages)
    {
        var oids = new OidCollection();
        foreach (var oid in usages.Select(usage => Purposes.GetValueOrDefault(usage)).OfType<string>().Distinct()) oids.Add(new Oid(oid));
        return oids;
    }
}
