using System.Collections.Immutable;
using System.Text;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>A pod's names: its hostname and its /etc/hosts (pkg/kubelet/kubelet_pods.go).</summary>
internal static class PodHosts
{
    private const int MaximumHostname = 63;

    /// <summary>What the kernel's field for a host name takes (pkg/kubelet/util/util.go, GetNodenameForKernel).</summary>
    private const int MaximumFullName = 64;

    /// <summary>What a container engine puts into a node's own file (moby: libnetwork/etchosts).</summary>
    private const string NodeLines =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    /// <summary>What the kubelet puts into a pod's, as it words it.</summary>
    private const string PodLines =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

    /// <returns>The host name and, with a subdomain, the domain below which the cluster's DNS knows it.</returns>
    private static (string Hostname, string Domain) NamesOf(V1Pod pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec.HostnameOverride)) return (Cut(pod.Spec.HostnameOverride), "");
        var name = Cut(!string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Spec.Hostname : pod.Metadata.Name);
        var domain = string.IsNullOrEmpty(pod.Spec.Subdomain) ? "" : $"{pod.Spec.Subdomain}.{pod.Metadata.NamespaceProperty}.svc.{WellKnown.ClusterDomain}";
        return (name, domain);
    }

    /// <summary>What `hostname` prints.</summary>
    /// <exception cref="PodConfigurationException">setHostnameAsFQDN makes it too long.</exception>
    public static string KernelHostname(V1Pod pod, string nodeName)
    {
        if (pod.Spec.HostNetwork == true) return nodeName;
        var (hostname, domain) = NamesOf(pod);
        if (pod.Spec.SetHostnameAsFQDN != true || domain.Length == 0) return hostname;
        var full = $"{hostname}.{domain}";
        return full.Length <= MaximumFullName ? full
            : throw new PodConfigurationException($"failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long ({MaximumFullName} characters is the max, {full.Length} characters requested)");
    }

    /// <param name="addresses">The pod's; of a hostNetwork pod they are its node's.</param>
    public static string HostsFile(V1Pod pod, string nodeName, ImmutableArray<string> addresses)
    {
        var isHost = pod.Spec.HostNetwork == true;
        var (hostname, domain) = isHost ? (nodeName, "") : NamesOf(pod);
        var text = new StringBuilder(isHost ? "# Kubernetes-managed hosts file (host network).\n" : "# Kubernetes-managed hosts file.\n").Append(isHost ? NodeLines : PodLines);
        foreach (var address in addresses)
        {
            text.Append(address).Append('\t');
            if (domain.Length > 0) text.Append(hostname).Append('.').Append(domain).Append('\t');
            text.Append(hostname).Append('\n');
        }
        if (pod.Spec.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases) text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The node's own /etc/hosts.</summary>
    public static string NodeFile(string nodeName, ImmutableArray<string> addresses) => NodeLines + string.Concat(addresses.Select(address => $"{address}\t{nodeName}\n"));

    private static string Cut(string name) => name.Length > MaximumHostname ? name[..MaximumHostname].TrimEnd('-', '.') : name;
}
