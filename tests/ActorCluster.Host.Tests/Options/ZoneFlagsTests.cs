using ActorCluster.Host.Options;

namespace ActorCluster.Host.Tests.Options;

public sealed class ZoneFlagsTests
{
    [Fact]
    public void A_node_in_a_zone_is_labelled_with_it_and_with_its_region()
    {
        string[] zones = ["one=east", "two=west"];
        ZoneFlags.LabelsOf("two", zones).ShouldBe(new Dictionary<string, string> { ["topology.kubernetes.io/region"] = "region-1", ["topology.kubernetes.io/zone"] = "west" });
        ZoneFlags.LabelsOf("three", zones).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("one", "--zone 'one' can't be read: write NODE=ZONE, for example worker-1=zone-1.")]
    [InlineData("=east", "--zone '=east' can't be read: write NODE=ZONE, for example worker-1=zone-1.")]
    [InlineData("one=no zone", "--zone 'one=no zone' can't be read: write NODE=ZONE, for example worker-1=zone-1.")]
    [InlineData("one=a=b", "--zone 'one=a=b' can't be read: write NODE=ZONE, for example worker-1=zone-1.")]
    [InlineData("two=east", "--zone 'two=east': there is no node 'two' here.")]
    public void What_is_wrong_is_told(string zone, string expected)
    {
        List<string> errors = [];
        ZoneFlags.Validate([zone], ["one"], errors);
        errors.ShouldBe([expected]);
    }

    [Fact]
    public void A_node_is_in_one_zone_only()
    {
        List<string> errors = [];
        ZoneFlags.Validate(["one=a", "one=b"], ["one"], errors);
        errors.ShouldBe(["--zone: node one can't be in 2 zones."]);
    }
}
