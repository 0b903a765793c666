using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.StatefulSets;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.StatefulSets;

public class StatefulClaimsTests
{
    private static V1StatefulSet Set(string whenDeleted = "Retain", string whenScaled = "Retain")
    {
        var set = Make.StatefulSet("db", 2);
        set.Spec.VolumeClaimTemplates = [MakeVolume.Claim("data")];
        set.Spec.PersistentVolumeClaimRetentionPolicy = new V1StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = whenDeleted, WhenScaled = whenScaled };
        return set;
    }

    private static string[]? Owners(V1StatefulSet set, bool isBeyond, params V1OwnerReference[] before)
    {
        var claim = StatefulClaims.Of(set, 1)[0].Claim;
        claim.Metadata.OwnerReferences = before;
        return StatefulClaims.OwnersOf(set, claim, Make.Pod("db-1"), isBeyond)?.Select(owner => $"{owner.Kind}/{owner.Name}").ToArray();
    }

    [Fact]
    public void A_pods_claims_have_its_name_and_the_sets_labels_and_hide_volumes_of_their_names()
    {
        var set = Set();
        set.Spec.Template.Spec = set.Spec.Template.Spec with { Volumes = [new V1Volume { Name = "data", EmptyDir = new V1EmptyDirVolumeSource() }, new V1Volume { Name = "tmp", EmptyDir = new V1EmptyDirVolumeSource() }] };
        var claim = StatefulClaims.Of(set, 1)[0].Claim;
        (claim.Metadata.Name, claim.Metadata.Labels["app"]).ShouldBe(("data-db-1", "db"));
        StatefulPods.For(set, 1, set.Spec.Template, "rev").Spec.Volumes.Select(volume => $"{volume.Name}:{volume.PersistentVolumeClaim?.ClaimName}").ShouldBe(["data:data-db-1", "tmp:"]);
        StatefulClaims.IsNameOf(set, "data-db-7").ShouldBeTrue();
        StatefulClaims.IsNameOf(set, "data-other-7").ShouldBeFalse();
    }

    [Theory]
    [InlineData("Retain", "Retain", false, null)]
    [InlineData("Delete", "Retain", false, "StatefulSet/db")]
    [InlineData("Delete", "Retain", true, "StatefulSet/db")]
    [InlineData("Retain", "Delete", false, null)]
    [InlineData("Retain", "Delete", true, "Pod/db-1")]
    [InlineData("Delete", "Delete", false, "StatefulSet/db")]
    [InlineData("Delete", "Delete", true, "Pod/db-1")]
    public void Who_owns_a_claim_says_when_it_goes(string whenDeleted, string whenScaled, bool isBeyond, string? owner) =>
        Owners(Set(whenDeleted, whenScaled), isBeyond).ShouldBe(owner is null ? null : [owner]);

    [Fact]
    public void A_policy_that_changes_takes_the_owner_away_again()
    {
        Owners(Set(), isBeyond: false, OwnerKind.StatefulSet.Reference(Set())).ShouldBe([]);
        Owners(Set("Delete"), isBeyond: false, OwnerKind.StatefulSet.Reference(Set())).ShouldBeNull();
    }

    [Fact]
    public void Another_controller_and_a_namesakes_claim_are_left_alone()
    {
        Owners(Set("Delete"), isBeyond: false, Make.Owner("else")).ShouldBeNull();
        var gone = OwnerKind.StatefulSet.Reference(Set());
        gone.Uid = "gone";
        Owners(Set("Delete"), isBeyond: false, gone).ShouldBeNull();
    }

    [Fact]
    public void A_claim_that_goes_with_a_pod_blocks_the_pods_successor()
    {
        var claim = StatefulClaims.Of(Set(), 1)[0].Claim;
        claim.Metadata.OwnerReferences = [ActorCluster.Controllers.Objects.Owners.ControllerReference(Make.Pod("db-1"), "v1", "Pod")];
        StatefulClaims.IsStale(Set(whenScaled: "Delete"), claim, "db-1").ShouldBeTrue();
        StatefulClaims.IsStale(Set(), claim, "db-1").ShouldBeFalse();
    }
}
