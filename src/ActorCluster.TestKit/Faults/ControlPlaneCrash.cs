namespace ActorCluster.TestKit.Faults;

/// <summary>The control plane is killed, and started again.</summary>
public sealed record ControlPlaneCrash(TimeSpan At, TimeSpan For) : ScheduledFault(At, For)
{
    public override Task BeginAsync(TestCluster cluster) => cluster.ControlPlane.KillAsync();

    public override Task EndAsync(TestCluster cluster) => cluster.ControlPlane.StartAsync();

    public override string ToString() => $"{At} to {At + For}: no control plane";
}
