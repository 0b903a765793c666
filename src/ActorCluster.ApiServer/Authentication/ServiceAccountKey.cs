using System.Security.Cryptography;
using ActorCluster.ApiServer.Certificates;

namespace ActorCluster.ApiServer.Authentication;

/// <summary>The control plane's key for service account tokens: made once in a folder, as kubeadm's sa.key, and loaded again at each start, so that tokens stay valid.</summary>
public sealed class ServiceAccountKey : IDisposable
{
    private const string FileName = "sa.key";

    private ServiceAccountKey(ECDsa key) => Key = key;

    /// <summary>On the curve P-256, for ES256.</summary>
    internal ECDsa Key { get; }

    /// <exception cref="IOException">The folder can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be read or written.</exception>
    public static ServiceAccountKey LoadOrCreate(string folder)
    {
        PrivateFiles.MakeFolder(folder);
        var path = Path.Combine(folder, FileName);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path)) key.ImportFromPem(File.ReadAllText(path));
        else PrivateFiles.Write(path, key.ExportPkcs8PrivateKeyPem());
        return new ServiceAccountKey(key);
    }

    /// <summary>A key that lives in memory only (tests, clusters in one process).</summary>
    public static ServiceAccountKey CreateInMemory() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public void Dispose() => Key.Dispose();
}
