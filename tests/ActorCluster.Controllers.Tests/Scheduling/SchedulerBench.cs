using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.PersistentVolumes;
using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.Scheduling.Policies;
using ActorCluster.Controllers.Scheduling.Preemption;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

/// <summary>Nodes and pods to try the scheduler's decisions on.</summary>
internal sealed class SchedulerBench
{
    private readonly PodPlacer _placer;
    private readonly PreemptionPlanner _planner = new(new RandomSource(7));

    public SchedulerBench() => _placer = new(SchedulerProfile.Default(new ByLabel("app"), [new VolumeRestrictionsFilter(pod => [.. PodClaims.Shared(pod).Intersect(ClaimsForOnePod)])]), new RandomSource(7));

    public ClusterState Cluster { get; } = new();

    /// <summary>"ns/name" of those with the access mode ReadWriteOncePod.</summary>
    public HashSet<string> ClaimsForOnePod { get; } = [];

    public List<V1PodDisruptionBudget> Budgets { get; } = [];

    public SchedulerBench Nodes(params V1Node[] nodes)
    {
        foreach (var node in nodes) Cluster.SetNode(node);
        return this;
    }

    /// <summary>A pod that runs there.</summary>
    public SchedulingPod Run(V1Pod pod, string node)
    {
        var running = SchedulingPod.From(pod);
        Cluster.Place(running, node, assumed: false);
        return running;
    }

    /// <returns>The node, or the message.</returns>
    public string Place(V1Pod pod)
    {
        var (placement, plan) = Decide(pod);
        return placement.Node ?? placement.Failure!.Describe(plan.Message);
    }

    /// <summary>As the scheduler does it: what is decided holds.</summary>
    public string Bind(V1Pod pod)
    {
        var node = Decide(pod).Placement.Node.ShouldNotBeNull();
        Run(pod, node);
        return node;
    }

    /// <returns>"node: victims", or the message.</returns>
    public string Preempt(V1Pod pod)
    {
        var plan = Decide(pod).Plan;
        return plan.Candidate is { } candidate ? $"{candidate.Node}: {string.Join(' ', candidate.Victims.Select(victim => victim.Name))}" : plan.Message;
    }

    public (Placement Placement, PreemptionPlan Plan) Decide(V1Pod pod)
    {
        var wanted = SchedulingPod.From(pod);
        var placement = _placer.Place(wanted, Cluster);
        return (placement, placement.Failure is { } failure ? _planner.Plan(wanted, failure, placement.Filters, Cluster, Budgets) : default);
    }

    public static V1Pod Pod(string name, int priority, string cpu = "", string labels = "")
    {
        var pod = Make.Pod(name, labels, cpu: cpu);
        pod.Spec.Priority = priority;
        return pod;
    }
}
