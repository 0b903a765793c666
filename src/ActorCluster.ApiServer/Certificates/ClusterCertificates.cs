using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorCluster.ApiServer.Certificates;

/// <summary>
/// The cluster's own certificate authority, the API server's certificate and the admin's client certificate: made once in a
/// folder (files of mode 0600) and loaded again at each start, so that a kubeconfig stays valid.
/// </summary>
public sealed class ClusterCertificates : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    private ClusterCertificates(X509Certificate2 authority, X509Certificate2 server, X509Certificate2 admin)
    {
        Authority = authority;
        Server = server;
        Admin = admin;
    }

    public X509Certificate2 Authority { get; }

    /// <summary>For 127.0.0.1, ::1, localhost and the names of the kubernetes Service.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>User kubernetes-admin of group system:masters.</summary>
    public X509Certificate2 Admin { get; }

    /// <summary>Loads the certificates of the folder; makes them and the folder when they aren't there.</summary>
    /// <param name="hosts">Names and addresses by which the API server is reached besides localhost; a server certificate that lacks one is made anew.</param>
    /// <exception cref="IOException">The folder can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be read or written.</exception>
    public static ClusterCertificates LoadOrCreate(string folder, TimeProvider clock, params IReadOnlyList<string> hosts)
    {
        PrivateFiles.MakeFolder(folder);
        var authority = LoadOrMake(folder, "ca", _ => true, () => MakeAuthority(clock));
        return new ClusterCertificates(
            authority,
            LoadOrMake(folder, "apiserver", server => hosts.All(h => server.MatchesHostname(h)), () => MakeServer(authority, hosts, clock)),
            LoadOrMake(folder, "admin", _ => true, () => MakeClient(authority, "kubernetes-admin", ["system:masters"], clock)));
    }

    /// <summary>Certificates that live in memory only (tests, clusters in one process).</summary>
    public static ClusterCertificates CreateInMemory(TimeProvider clock)
    {
        var authority = MakeAuthority(clock);
        return new ClusterCertificates(authority, MakeServer(authority, [], clock), MakeClient(authority, "kubernetes-admin", ["system:masters"], clock));
    }

    /// <summary>Makes another client certificate.</summary>
    public X509Certificate2 IssueClient(string user, IReadOnlyList<string> groups, TimeProvider clock) => MakeClient(Authority, user, groups, clock);

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
        Admin.Dispose();
    }

    private static X509Certificate2 LoadOrMake(string folder, string name, Func<X509Certificate2, bool> fits, Func<X509Certificate2> make)
    {
        var certificateFile = Path.Combine(folder, name + ".crt");
        var keyFile = Path.Combine(folder, name + ".key");
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            var there = Usable(X509Certificate2.CreateFromPemFile(certificateFile, keyFile));
            if (fits(there)) return there;
            there.Dispose();
        }
        var made = make();
        // The key first: a certificate without its key would never be made again.
        PrivateFiles.Write(keyFile, made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        PrivateFiles.Write(certificateFile, made.ExportCertificatePem());
        return made;
    }

    private static X509Certificate2 MakeAuthority(TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=actorcluster-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, to) = Period(clock);
        return Usable(request.CreateSelfSigned(from, to));
    }

    private static X509Certificate2 MakeServer(X509Certificate2 authority, IReadOnlyList<string> hosts, TimeProvider clock)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
        {
            names.AddDnsName(name);
        }
        foreach (var address in (ReadOnlySpan<string>)["127.0.0.1", "::1", "10.96.0.1"]) names.AddIpAddress(IPAddress.Parse(address));
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }
        return Issue(authority, new X500DistinguishedName("CN=kube-apiserver"), "1.3.6.1.5.5.7.3.1", clock, names.Build());
    }

    private static X509Certificate2 MakeClient(X509Certificate2 authority, string user, IReadOnlyList<string> groups, TimeProvider clock)
    {
        var name = new X500DistinguishedNameBuilder();
        foreach (var group in groups) name.AddOrganizationName(group);
        name.AddCommonName(user);
        return Issue(authority, name.Build(), "1.3.6.1.5.5.7.3.2", clock, null);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, X500DistinguishedName name, string usage, TimeProvider clock, X509Extension? alternativeNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (alternativeNames is not null) request.CertificateExtensions.Add(alternativeNames);
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        var (from, to) = Period(clock);
        using var issued = request.Create(authority, from, to < authority.NotAfter ? to : authority.NotAfter, serial);
        return Usable(issued.CopyWithPrivateKey(key));
    }

    private static (DateTimeOffset From, DateTimeOffset To) Period(TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        // Clients' clocks may be a little behind; virtual clocks may be far from the machine's.
        return (now.AddDays(-1), now + Validity);
    }

    // A key that only lives in memory can't serve TLS on every platform; through PKCS#12 it can. OpenSSL needs no such detour, which takes longer than making the key.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (OperatingSystem.IsLinux()) return certificate;
        var copy = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        certificate.Dispose();
        return copy;
    }
}
