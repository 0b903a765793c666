using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Configuration;

public class PodNamesTests
{
    private readonly V1Pod _pod = TestPods.Pod();

    [Fact]
    public void ClusterFirst_asks_the_clusters_DNS_and_searches_the_namespace_first() => PodDns.ResolvConf(_pod.Spec, "shop").ShouldBe(
        "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n");

    [Fact]
    public void A_hostNetwork_pod_searches_the_cluster_only_when_it_says_so()
    {
        _pod.Spec.HostNetwork = true;
        PodDns.ResolvConf(_pod.Spec, "shop").ShouldBe("nameserver 172.18.0.1\noptions ndots:0\n");
        _pod.Spec.DnsPolicy = "ClusterFirstWithHostNet";
        PodDns.ResolvConf(_pod.Spec, "shop").ShouldContain("search shop.svc.cluster.local");
    }

    [Fact]
    public void DnsConfig_is_added_and_with_policy_None_it_is_all_there_is()
    {
        _pod.Spec.DnsConfig = new V1PodDNSConfig { Nameservers = ["1.1.1.1"], Searches = ["my.dns"], Options = [new() { Name = "ndots", Value = "2" }, new() { Name = "edns0" }] };
        PodDns.ResolvConf(_pod.Spec, "shop").ShouldBe(
            "search shop.svc.cluster.local svc.cluster.local cluster.local my.dns\nnameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:2 edns0\n");
        _pod.Spec.DnsPolicy = "None";
        PodDns.ResolvConf(_pod.Spec, "shop").ShouldBe("search my.dns\nnameserver 1.1.1.1\noptions ndots:2 edns0\n");
    }

    [Fact]
    public void Policy_Default_asks_whom_the_node_asks_and_duplicates_count_once()
    {
        (_pod.Spec.DnsPolicy, _pod.Spec.DnsConfig) = ("Default", new V1PodDNSConfig { Nameservers = ["172.18.0.1", "1.1.1.1", "1.1.1.1"], Searches = ["a", "b", "a"] });
        PodDns.Form(_pod.Spec, "shop").ShouldSatisfyAllConditions(
            formed => formed.ResolvConf.ShouldBe("search a b\nnameserver 172.18.0.1\nnameserver 1.1.1.1\noptions ndots:0\n"), formed => formed.Faults.ShouldBeEmpty());
    }

    [Fact]
    public void What_exceeds_the_limits_is_left_out_and_told()
    {
        var tooLong = string.Join('.', Enumerable.Repeat(new string('x', 63), 4));
        _pod.Spec.DnsConfig = new V1PodDNSConfig { Nameservers = ["1.1.1.1", "2.2.2.2", "3.3.3.3"], Searches = [tooLong, "my.dns"] };
        var formed = PodDns.Form(_pod.Spec, "shop");
        formed.ResolvConf.ShouldBe("search shop.svc.cluster.local svc.cluster.local cluster.local my.dns\nnameserver 10.96.0.10\nnameserver 1.1.1.1\nnameserver 2.2.2.2\noptions ndots:5\n");
        formed.Faults.ShouldBe(
        [
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2",
            "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: shop.svc.cluster.local svc.cluster.local cluster.local my.dns",
        ]);
        _pod.Spec.DnsConfig = new V1PodDNSConfig { Searches = [.. Enumerable.Range(10, 32).Select(i => $"s{i}")] };
        PodDns.ResolvConf(_pod.Spec, "shop").Split('\n')[0].Split(' ').ShouldSatisfyAllConditions(words => words.Length.ShouldBe(1 + 32), words => words[^1].ShouldBe("s38"));
        _pod.Spec.DnsConfig = new V1PodDNSConfig { Searches = [.. Enumerable.Range(10, 20).Select(i => $"{i}.{new string('x', 60)}.{new string('x', 60)}")] };
        var line = PodDns.ResolvConf(_pod.Spec, "shop").Split('\n')[0];
        line.Length.ShouldBeLessThanOrEqualTo("search ".Length + 2048);
        line.Split(' ').Length.ShouldBe(1 + 3 + 15);
    }

    [Fact]
    public void The_hosts_file_is_the_kubelets()
    {
        (_pod.Spec.Hostname, _pod.Spec.Subdomain) = ("web-0", "web");
        _pod.Spec.HostAliases = [new V1HostAlias { Ip = "10.0.0.1", Hostnames = ["foo", "bar"] }];
        PodHosts.HostsFile(_pod, "node-1", ["10.244.0.2", "fd00:10:244::2"]).ShouldBe(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n" +
            "10.244.0.2\tweb-0.web.default.svc.cluster.local\tweb-0\nfd00:10:244::2\tweb-0.web.default.svc.cluster.local\tweb-0\n\n# Entries added by HostAliases.\n10.0.0.1\tfoo\tbar\n");
    }

    [Fact]
    public void A_hostNetwork_pod_has_the_file_of_its_node()
    {
        (_pod.Spec.HostNetwork, _pod.Spec.Hostname, _pod.Spec.Subdomain) = (true, "web-0", "web");
        _pod.Spec.HostAliases = [new V1HostAlias { Ip = "10.0.0.1", Hostnames = ["foo"] }];
        PodHosts.HostsFile(_pod, "node-1", ["172.18.0.2"]).ShouldBe(
            "# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
            "172.18.0.2\tnode-1\n\n# Entries added by HostAliases.\n10.0.0.1\tfoo\n");
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe("node-1");
    }

    [Fact]
    public void A_full_name_as_hostname_has_64_characters_at_most()
    {
        (_pod.Spec.Hostname, _pod.Spec.Subdomain, _pod.Spec.SetHostnameAsFQDN) = (new string('h', 36), "s", true);
        PodHosts.KernelHostname(_pod, "node-1").Length.ShouldBe(64);
        _pod.Spec.Hostname = new string('h', 37);
        var full = $"{_pod.Spec.Hostname}.s.default.svc.cluster.local";
        Should.Throw<PodConfigurationException>(() => PodHosts.KernelHostname(_pod, "node-1")).Message
            .ShouldBe($"failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long (64 characters is the max, 65 characters requested)");
    }

    [Fact]
    public void An_override_of_the_hostname_is_all_there_is_of_the_pods_names()
    {
        (_pod.Spec.HostnameOverride, _pod.Spec.Hostname, _pod.Spec.Subdomain) = ("my.own.host", "h", "s");
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe("my.own.host");
        PodHosts.HostsFile(_pod, "node-1", ["10.244.0.2"]).ShouldEndWith("\n10.244.0.2\tmy.own.host\n");
        _pod.Spec.HostnameOverride = new string('o', 64);
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe(new string('o', 63));
    }

    [Fact]
    public void The_hostname_is_the_pods_name_cut_to_63_characters_unless_the_pod_says_otherwise()
    {
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe("web");
        _pod.Metadata.Name = new string('a', 62) + "-b";
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe(new string('a', 62));
        (_pod.Spec.Hostname, _pod.Spec.Subdomain, _pod.Spec.SetHostnameAsFQDN) = ("h", "s", true);
        PodHosts.KernelHostname(_pod, "node-1").ShouldBe("h.s.default.svc.cluster.local");
    }
}
