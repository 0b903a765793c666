using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.AddOns;

namespace ActorCluster.Host.Tests.AddOns;

public sealed class AddOnManifestsTests
{
    [Fact]
    public void Without_the_dns_there_is_still_the_default_storage_class()
    {
        var manifest = AddOnManifests.Load(dns: false).ShouldHaveSingleItem();
        manifest.GetProperty("kind").GetString().ShouldBe("StorageClass");
        manifest.GetProperty("metadata").GetProperty("name").GetString().ShouldBe("standard");
    }

    [Fact]
    public void The_dns_service_has_the_address_that_pods_are_told()
    {
        var service = AddOnManifests.Load().Single(manifest => manifest.GetProperty("kind").GetString() == "Service");
        service.GetProperty("metadata").GetProperty("name").GetString().ShouldBe("kube-dns");
        service.GetProperty("spec").GetProperty("clusterIP").GetString().ShouldBe(WellKnown.ClusterDnsAddress);
    }
}
