using System.Text;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>A pod's /etc/resolv.conf by dnsPolicy and dnsConfig (pkg/kubelet/network/dns/dns.go).</summary>
internal static class PodDns
{
    /// <summary>Upstream's limit of name servers.</summary>
    private const int MaximumNameServers = 3;

    private const int MaximumSearches = 32;

    public static string ResolvConf(V1PodSpec spec, string ns)
    {
        var servers = new List<string>();
        var searches = new List<string>();
        var options = new List<(string Name, string? Value)>();
        var policy = spec.DnsPolicy ?? "ClusterFirst";
        // The emulated node itself has no resolver of its own: it asks the cluster's, but has no search list.
        if (policy != "None") servers.Add(WellKnown.ClusterDnsAddress);
        if (policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && spec.HostNetwork != true))
        {
            searches.AddRange([$"{ns}.svc.{WellKnown.ClusterDomain}", $"svc.{WellKnown.ClusterDomain}", WellKnown.ClusterDomain]);
            options.Add(("ndots", "5"));
        }
        if (spec.DnsConfig is { } config)
        {
            servers.AddRange(config.Nameservers ?? []);
            searches.AddRange(config.Searches ?? []);
            foreach (var option in config.Options ?? [])
            {
                options.RemoveAll(other => other.Name == option.Name);
                options.Add((option.Name, option.Value));
            }
        }
        var text = new StringBuilder();
        if (searches.Count > 0) text.Append("search ").AppendJoin(' ', searches.Distinct().Take(MaximumSearches)).Append('\n');
        foreach (var server in servers.Distinct().Take(MaximumNameServers)) text.Append("nameserver ").Append(server).Append('\n');
        if (options.Count > 0) text.Append("options ").AppendJoin(' ', options.Select(option => string.IsNullOrEmpty(option.Value) ? option.Name : $"{option.Name}:{option.Value}")).Append('\n');
        return text.ToString();
    }
}
