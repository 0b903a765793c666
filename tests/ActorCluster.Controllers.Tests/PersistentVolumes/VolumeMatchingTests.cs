using ActorCluster.Controllers.PersistentVolumes;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.PersistentVolumes;

public class VolumeMatchingTests
{
    private static string? Found(V1PersistentVolumeClaim claim, params V1PersistentVolume[] volumes) => VolumeMatching.Find(claim, volumes)?.Metadata.Name;

    [Fact]
    public void The_smallest_volume_that_is_large_enough_is_taken() =>
        Found(MakeVolume.Claim("c", "2Gi"), MakeVolume.Volume("large", "5Gi"), MakeVolume.Volume("small", "1Gi"), MakeVolume.Volume("fitting", "3Gi")).ShouldBe("fitting");

    [Fact]
    public void Class_modes_and_labels_must_suit()
    {
        Found(MakeVolume.Claim("c", storageClass: "fast"), MakeVolume.Volume("a"), MakeVolume.Volume("b", storageClass: "fast")).ShouldBe("b");
        Found(MakeVolume.Claim("c", mode: "ReadWriteMany"), MakeVolume.Volume("a")).ShouldBeNull();
        var (labelled, claim) = (MakeVolume.Volume("labelled"), MakeVolume.Claim("c"));
        labelled.Metadata.Labels = Make.Labels("tier=gold");
        claim.Spec.Selector = new V1LabelSelector { MatchLabels = Make.Labels("tier=gold") };
        Found(claim, MakeVolume.Volume("a"), labelled).ShouldBe("labelled");
    }

    [Fact]
    public void A_volume_that_is_reserved_for_the_claim_comes_before_any_other_and_one_of_another_is_left_alone()
    {
        var (reserved, other) = (MakeVolume.Volume("reserved", "9Gi"), MakeVolume.Volume("other"));
        reserved.Spec.ClaimRef = new V1ObjectReference { NamespaceProperty = "default", Name = "c" };
        other.Spec.ClaimRef = new V1ObjectReference { NamespaceProperty = "default", Name = "else" };
        Found(MakeVolume.Claim("c"), MakeVolume.Volume("a"), reserved).ShouldBe("reserved");
        Found(MakeVolume.Claim("c"), other).ShouldBeNull();
        VolumeMatching.Find(MakeVolume.Claim("c"), [MakeVolume.Volume("a")], onlyPrebound: true).ShouldBeNull();
    }

    [Fact]
    public void Of_equals_the_first_by_name_is_taken_in_whatever_order_they_come()
    {
        Found(MakeVolume.Claim("c"), MakeVolume.Volume("b", "2Gi"), MakeVolume.Volume("c", "2Gi"), MakeVolume.Volume("a", "2Gi")).ShouldBe("a");
        var (one, two) = (MakeVolume.Volume("one", "9Gi"), MakeVolume.Volume("two"));
        one.Spec.ClaimRef = two.Spec.ClaimRef = new V1ObjectReference { NamespaceProperty = "default", Name = "c" };
        Found(MakeVolume.Claim("c"), two, one).ShouldBe("one");
    }

    [Fact]
    public void For_a_node_only_what_it_can_reach_counts()
    {
        V1PersistentVolume[] volumes = [MakeVolume.Volume("near", "5Gi", node: "n1"), MakeVolume.Volume("far", node: "n2")];
        VolumeMatching.Find(MakeVolume.Claim("c"), volumes, Make.Node("n1"))!.Metadata.Name.ShouldBe("near");
        VolumeMatching.Find(MakeVolume.Claim("c"), volumes, Make.Node("n1"), new HashSet<string> { "near" }).ShouldBeNull();
    }

    [Fact]
    public void Why_a_volume_that_is_asked_for_by_name_will_not_do_is_said_in_upstreams_words()
    {
        VolumeMatching.Mismatch(MakeVolume.Volume("v"), MakeVolume.Claim("c")).ShouldBeNull();
        VolumeMatching.Mismatch(MakeVolume.Volume("v"), MakeVolume.Claim("c", "2Gi")).ShouldBe("requested PV is too small");
        VolumeMatching.Mismatch(MakeVolume.Volume("v"), MakeVolume.Claim("c", storageClass: "x")).ShouldBe("storageClassName does not match");
        VolumeMatching.Mismatch(MakeVolume.Volume("v"), MakeVolume.Claim("c", mode: "ReadWriteMany")).ShouldBe("incompatible accessMode");
    }
}
