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
        PodDns.ResolvConf(_pod.Spec, "shop").ShouldNotContain("search");
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
    public void The_hosts_file_is_the_kubelets()
    {
        (_pod.Spec.Hostname, _pod.Spec.Subdomain) = ("web-0", "web");
        _pod.Spec.HostAliases = [new V1HostAlias { Ip = "10.0.0.1", Hostnames = ["foo", "bar"] }];
        PodHosts.HostsFile(_pod, "node-1", ["10.244.0.2", "fd00:10:244::2"]).ShouldBe(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n" +
            "10.244.0.2\tweb-0.web.default.svc.cluster.local\tweb-0\nfd00:10:244::2\tweb-0.web.default.svc.cluster.local\tweb-0\n\n# Entries added by HostAliases.\n10.0.0.1\tfoo\tbar\n");
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
