using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ActorCluster.Containers.Http;

/// <summary>Whether a server's certificate is good by the roots that a program has, by the container's clock: the host's own store counts for nothing.</summary>
internal static class TrustedRoots
{
    public static bool Trust(X509Certificate2Collection roots, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, TimeProvider clock)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var own = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = clock.GetUtcNow().UtcDateTime } };
        own.ChainPolicy.CustomTrustStore.AddRange(roots);
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        return own.Build(new X509Certificate2(certificate));
    }
}
