using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using YamlDotNet.RepresentationModel;

namespace ActorCluster.Host.Client;

/// <summary>
/// An HttpClient for the cluster that a kubeconfig's current context names: its base address, its CA, its client certificate. For the commands that
/// ask the API a thing or two; the official client library takes longer to load than they take to run.
/// </summary>
public static class KubeconfigClient
{
    /// <param name="around">What is to see each request on its way; null: nothing.</param>
    /// <exception cref="InvalidDataException">The file is no kubeconfig, or one with a kind of credentials other than a client certificate.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static HttpClient Create(string kubeconfig, Func<HttpMessageHandler, HttpMessageHandler>? around = null)
    {
        var root = Load(kubeconfig);
        var context = Named(root, "contexts", Text(root, "current-context"), "context");
        var cluster = Named(root, "clusters", Text(context, "cluster"), "cluster");
        var user = Named(root, "users", Text(context, "user"), "user");
        var folder = Path.GetDirectoryName(Path.GetFullPath(kubeconfig))!;
        var authority = X509Certificate2.CreateFromPem(Pem(cluster, "certificate-authority", folder));
        var identity = Usable(X509Certificate2.CreateFromPem(Pem(user, "client-certificate", folder), Pem(user, "client-key", folder)));
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [identity],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(around?.Invoke(handler) ?? handler) { BaseAddress = new Uri(Text(cluster, "server").TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>SslStream on Windows can't use a key that lives in memory only, unless it came out of a PKCS #12 store.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static YamlMappingNode Load(string kubeconfig)
    {
        var yaml = new YamlStream();
        using (var reader = new StreamReader(kubeconfig))
        {
            try
            {
                yaml.Load(reader);
            }
            catch (YamlDotNet.Core.YamlException e)
            {
                throw new InvalidDataException($"{kubeconfig} is not YAML: {e.Message}", e);
            }
        }

        return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..] ? root : throw new InvalidDataException($"{kubeconfig} is not a kubeconfig.");
    }

    private static YamlMappingNode Named(YamlMappingNode root, string list, string name, string member)
    {
        var found = Child(root, list) is YamlSequenceNode entries
            ? entries.OfType<YamlMappingNode>().FirstOrDefault(entry => Text(entry, "name") == name)
            : null;
        return found is not null && Child(found, member) is YamlMappingNode value ? value
            : throw new InvalidDataException($"The kubeconfig has no '{name}' among its {list}.");
    }

    /// <summary>What "key-data" holds in base64, or the file that "key" names.</summary>
    private static string Pem(YamlMappingNode node, string key, string folder) =>
        Child(node, key + "-data") is YamlScalarNode { Value: { } data } ? System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(data))
            : File.ReadAllText(Path.Combine(folder, Text(node, key)));

    private static string Text(YamlMappingNode node, string key) =>
        Child(node, key) is YamlScalarNode { Value: { } value } ? value : throw new InvalidDataException($"The kubeconfig lacks '{key}'.");

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
}
