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

    [Fact]
    public void The_dns_is_asked_each_second_whether_it_is_ready_until_it_is_and_as_seldom_as_upstreams_from_then_on()
    {
        var deployment = AddOnManifests.Load().Single(manifest => manifest.GetProperty("kind").GetString() == "Deployment");
        var container = deployment.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
        var (startup, readiness) = (container.GetProperty("startupProbe"), container.GetProperty("readinessProbe"));
        startup.GetProperty("httpGet").GetRawText().ShouldBe(readiness.GetProperty("httpGet").GetRawText());
        startup.GetProperty("periodSeconds").GetInt32().ShouldBe(1);
        startup.GetProperty("failureThreshold").GetInt32().ShouldBe(60);
        readiness.TryGetProperty("periodSeconds", out _).ShouldBeFalse();
    }
}
