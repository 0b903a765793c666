using System.Collections.Immutable;
using System.Text;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>A pod's names: its hostname and its /etc/hosts (pkg/kubelet/kubelet_pods.go).</summary>
internal static class PodHosts
{
    private const int MaximumHostname = 63;

    /// <returns>The host name and, with a subdomain, the domain below which the cluster's DNS knows it.</returns>
    public static (string Hostname, string Domain) NamesOf(V1Pod pod, string nodeName)
    {
        if (!string.IsNullOrEmpty(pod.Spec.HostnameOverride)) return (pod.Spec.HostnameOverride, "");
        var name = !string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Spec.Hostname : pod.Metadata.Name;
        if (name.Length > MaximumHostname) name = name[..MaximumHostname].TrimEnd('-', '.');
        if (pod.Spec.HostNetwork == true) name = nodeName;
        var domain = string.IsNullOrEmpty(pod.Spec.Subdomain) ? "" : $"{pod.Spec.Subdomain}.{pod.Metadata.NamespaceProperty}.svc.{WellKnown.ClusterDomain}";
        return (name, domain);
    }

    /// <summary>What `hostname` prints.</summary>
    public static string KernelHostname(V1Pod pod, string nodeName)
    {
        var (hostname, domain) = NamesOf(pod, nodeName);
        return pod.Spec.SetHostnameAsFQDN == true && domain.Length > 0 ? $"{hostname}.{domain}" : hostname;
    }

    public static string HostsFile(V1Pod pod, string nodeName, ImmutableArray<string> addresses)
    {
        var (hostname, domain) = NamesOf(pod, nodeName);
        var text = new StringBuilder(pod.Spec.HostNetwork == true ? "# Kubernetes-managed hosts file (host network).\n" : "# Kubernetes-managed hosts file.\n");
        text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
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
}
