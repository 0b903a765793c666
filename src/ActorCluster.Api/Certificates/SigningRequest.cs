using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorCluster.Api.Certificates;

/// <summary>A PKCS#10 request for a certificate, of which the signature is right.</summary>
/// <param name="Extensions">What it asks for besides its subject.</param>
public sealed record SigningRequest(X500DistinguishedName Subject, PublicKey PublicKey, IReadOnlyList<X509Extension> Extensions)
{
    private const string Label = "CERTIFICATE REQUEST";
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";

    public string CommonName => Parts(CommonNameOid).LastOrDefault() ?? "";

    public IReadOnlyList<string> Organizations => Parts(OrganizationOid);

    public X509SubjectAlternativeNameExtension? AlternativeNames => Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();

    public IReadOnlyList<string> DnsNames => AlternativeNames?.EnumerateDnsNames().ToList() ?? [];

    public IReadOnlyList<IPAddress> Addresses => AlternativeNames?.EnumerateIPAddresses().ToList() ?? [];

    /// <summary>Reads what stands in spec.request.</summary>
    /// <param name="fault">What is wrong, when there is no request.</param>
    public static SigningRequest? Parse(byte[] pem, out string fault)
    {
        fault = "";
        var text = System.Text.Encoding.ASCII.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || !text.AsSpan()[fields.Label].SequenceEqual(Label))
        {
            fault = "PEM block type must be CERTIFICATE REQUEST";
            return null;
        }
        try
        {
            var der = Convert.FromBase64String(text[fields.Base64Data]);
            var read = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
            return new SigningRequest(read.SubjectName, read.PublicKey, [.. read.CertificateExtensions]);
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException or ArgumentException or NotSupportedException)
        {
            fault = unreadable.Message;
            return null;
        }
    }

    /// <exception cref="CryptographicException">A part that can't be read.</exception>
    private List<string> Parts(string oid) =>
        [.. Subject.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == oid).Select(part => part.GetSingleElementValue() ?? "")];
}
