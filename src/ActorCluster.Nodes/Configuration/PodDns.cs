using System.Collections.Immutable;
using System.Text;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>A pod's /etc/resolv.conf by dnsPolicy and dnsConfig (pkg/kubelet/network/dns/dns.go).</summary>
internal static class PodDns
{
    /// <summary>The resolver of the node itself: it knows the names outside the cluster.</summary>
    private const string NodeServer = WellKnown.OutsideAddress;

    // The limits of pkg/apis/core/validation; a search path that is longer than a name can be makes some libraries abort.
    private const int MostNameServers = 3;
    private const int MostSearches = 32;
    private const int LongestSearchList = 2048;
    private const int LongestSearch = 253;

    public static string ResolvConf(V1PodSpec spec, string ns) => Form(spec, ns).ResolvConf;

    /// <summary>The file, and what had to be left out of it.</summary>
    public static FormedDns Form(V1PodSpec spec, string ns)
    {
        var servers = new List<string>();
        var searches = new List<string>();
        var options = new List<(string Name, string? Value)>();
        var policy = spec.DnsPolicy ?? "ClusterFirst";
        if (policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && spec.HostNetwork != true))
        {
            servers.Add(WellKnown.ClusterDnsAddress);
            searches.AddRange([$"{ns}.svc.{WellKnown.ClusterDomain}", $"svc.{WellKnown.ClusterDomain}", WellKnown.ClusterDomain]);
            options.Add(("ndots", "5"));
        }
        else if (policy != "None")
        {
            servers.Add(NodeServer);
            options.Add(("ndots", "0"));
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
        var faults = ImmutableArray.CreateBuilder<string>();
        var nameServers = WithinLimit([.. servers.Distinct()], faults);
        var searchList = WithinLimits([.. searches.Distinct()], faults);
        var text = new StringBuilder();
        if (searchList.Count > 0) text.Append("search ").AppendJoin(' ', searchList).Append('\n');
        foreach (var server in nameServers) text.Append("nameserver ").Append(server).Append('\n');
        if (options.Count > 0) text.Append("options ").AppendJoin(' ', options.Select(option => string.IsNullOrEmpty(option.Value) ? option.Name : $"{option.Name}:{option.Value}")).Append('\n');
        return new(text.ToString(), faults.ToImmutable());
    }

    private static List<string> WithinLimit(List<string> servers, ImmutableArray<string>.Builder faults)
    {
        if (servers.Count <= MostNameServers) return servers;
        var applied = servers[..MostNameServers];
        faults.Add($"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {string.Join(' ', applied)}");
        return applied;
    }

    private static List<string> WithinLimits(List<string> searches, ImmutableArray<string>.Builder faults)
    {
        List<string> applied = [.. searches.Take(MostSearches).Where(search => search.Length <= LongestSearch)];
        while (applied.Sum(search => search.Length + 1) - 1 > LongestSearchList) applied.RemoveAt(applied.Count - 1);
        if (applied.Count < searches.Count) faults.Add($"Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {string.Join(' ', applied)}");
        return applied;
    }
}

/// <param name="Faults">The messages of the kubelet's DNSConfigForming events.</param>
internal sealed record FormedDns(string ResolvConf, ImmutableArray<string> Faults);
