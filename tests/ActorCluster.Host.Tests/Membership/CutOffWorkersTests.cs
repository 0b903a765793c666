namespace ActorCluster.Host.Tests.Membership;

/// <summary>Each of these lasts about half a minute, by Akka's own patience, and has a class of its own so as to run beside the others.</summary>
public sealed class CutOffWorkersTests : MembershipSpec
{
    [Fact]
    public async Task Two_workers_that_are_cut_off_from_each_other_stay_reachable_for_the_control_plane()
    {
        Cut(One);
        // Akka's union of opinions has come round.
        await EventuallyAsync(() => Unreachable(ControlPlane).Count == 2);
        Cuts.Replace([]);
        await EventuallyAsync(() => Unreachable(ControlPlane).Count == 0);

        Seen.ShouldAllBe(change => change.Reachable);
    }
}
