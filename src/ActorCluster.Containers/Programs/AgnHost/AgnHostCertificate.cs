using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>The certificate that agnhost's HTTPS servers have unless given another: /localhost.crt and /localhost.key of its image, self-signed.</summary>
/// <remarks>Made once in each process, so that no private key lies in a repository. Names and validity are those of the image's own (src/crypto/tls/generate_cert.go).</remarks>
internal static class AgnHostCertificate
{
    private static readonly Lazy<(ReadOnlyMemory<byte> Certificate, ReadOnlyMemory<byte> Key)> Made = new(Make);

    public static ReadOnlyMemory<byte> Certificate => Made.Value.Certificate;
    public static ReadOnlyMemory<byte> Key => Made.Value.Key;

    /// <summary>Reads a pair of PEM files of the container.</summary>
    /// <exception cref="GoException">The files can't be read, or aren't a certificate and its key.</exception>
    public static async Task<X509Certificate2> LoadAsync(AgnHostContext agnhost, string certificateFile, string keyFile)
    {
        var (certificate, key) = (await ReadAsync(agnhost, certificateFile), await ReadAsync(agnhost, keyFile));
        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            // A key that was only read is no good to every system's TLS.
            return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new GoException("tls: failed to find any PEM data in certificate input");
        }
    }

    private static async Task<string> ReadAsync(AgnHostContext agnhost, string file)
    {
        try
        {
            return await agnhost.Process.Files.ReadTextAsync(agnhost.Process.FullPath(file), agnhost.Process.Killed);
        }
        catch (FileFaultException fault)
        {
            throw new GoException($"open {file}: {fault.Message.ToLowerInvariant()}");
        }
    }

    private static (ReadOnlyMemory<byte>, ReadOnlyMemory<byte>) Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=Acme Co", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("example.com");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2084, 1, 29, 16, 0, 0, TimeSpan.Zero));
        return (Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
    }
}
