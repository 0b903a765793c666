namespace ActorCluster.TestKit.Faults;

/// <summary>A fault of the network that comes and goes.</summary>
public sealed record NetworkTrouble(TimeSpan At, TimeSpan For, NetworkFault Fault) : ScheduledFault(At, For)
{
    public override void Check(TestCluster cluster) => cluster.Faults.Check(Fault);

    public override Task BeginAsync(TestCluster cluster) => cluster.Faults.InstallAsync(ToString(), Fault);

    public override Task EndAsync(TestCluster cluster) => cluster.Faults.RemoveAsync(ToString());

    public override string ToString() => $"{At} to {At + For}: {Fault}";
}
