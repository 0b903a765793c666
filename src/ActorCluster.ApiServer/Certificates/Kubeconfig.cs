using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorCluster.ApiServer.Certificates;

/// <summary>Writes the file by which kubectl and the client libraries find the cluster.</summary>
public static class Kubeconfig
{
    /// <summary>The context's, cluster's and user's name for a cluster of that name.</summary>
    public static string ContextName(string clusterName) => $"actorcluster-{clusterName}";

    /// <summary>The text, with all certificates embedded.</summary>
    public static string Render(string clusterName, Uri server, ClusterCertificates certificates)
    {
        var context = ContextName(clusterName);
        var key = certificates.Admin.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {context}
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Embed(certificates.Authority.ExportCertificatePem())}
            users:
            - name: {context}
              user:
                client-certificate-data: {Embed(certificates.Admin.ExportCertificatePem())}
                client-key-data: {Embed(key)}
            contexts:
            - name: {context}
              context:
                cluster: {context}
                user: {context}
            current-context: {context}
            preferences: {"{}"}

            """;
    }

    /// <summary>Writes <see cref="Render"/>'s text with mode 0600; replaces what was there in one step.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be written.</exception>
    public static void Write(string path, string clusterName, Uri server, ClusterCertificates certificates)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options)) writer.Write(Render(clusterName, server, certificates));
        File.Move(temporary, path, overwrite: true);
    }

    private static string Embed(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem + "\n"));
}
