using ActorCluster.Nodes.Lifecycle;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Support;

/// <summary>Plays a pod's actor for the pure core: does what it is told, when the test says so.</summary>
internal sealed class Lifetime
{
    public static readonly ContainerTimings Timings = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(10));
    private int _ids;

    public Lifetime(V1Pod pod)
    {
        State = PodState.Create(pod, Now);
        Decide();
    }

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public PodState State { get; private set; }
    public DateTimeOffset? WakeAt { get; private set; }

    /// <summary>What was asked for and not yet answered.</summary>
    public List<PodAction> Pending { get; } = [];

    public List<PodAction.RecordEvent> Events { get; } = [];

    /// <summary>Every start that was asked for, in order.</summary>
    public List<string> Starts { get; } = [];

    public bool Removed { get; private set; }

    public Lifetime Sandbox()
    {
        Take<PodAction.CreateSandbox>();
        return Then(State.SandboxReady(["10.244.0.2"]));
    }

    public Lifetime Started(string name)
    {
        Pending.Remove(Pending.OfType<PodAction.StartContainer>().First(start => start.Name == name));
        return Then(State.ContainerStarted(name, $"actorcluster://{++_ids}", "image-id", "docker.io/test/sleeper:latest", Now));
    }

    public Lifetime StartFailed(string name, string reason, string message = "it failed")
    {
        Pending.Remove(Pending.OfType<PodAction.StartContainer>().First(start => start.Name == name));
        // Then there is nothing left to stop either.
        Pending.RemoveAll(action => action is PodAction.StopContainer stop && stop.Name == name);
        return Then(State.ContainerStartFailed(name, reason, message, Timings, Now));
    }

    public Lifetime Exited(string name, int code = 0)
    {
        Pending.RemoveAll(action => action is PodAction.StopContainer stop && stop.Name == name);
        Pending.RemoveAll(action => action is PodAction.StartContainer start && start.Name == name);
        return Then(State.ContainerExited(name, null, code, code == 0 ? "Completed" : "Error", null, Now));
    }

    public Lifetime Destroyed()
    {
        Take<PodAction.DestroySandbox>();
        return Then(State.SandboxDestroyed());
    }

    public Lifetime Probe(string name, ProbeKind kind, bool success) => Then(State.ProbeChanged(name, kind, success));

    public Lifetime Seen(V1Pod pod) => Then(State.WithPod(pod, Now));

    public Lifetime Gone() => Then(State.ObjectGone(Now));

    public Lifetime Pass(TimeSpan time)
    {
        Now += time;
        return Then(State);
    }

    public Lifetime Then(PodState state)
    {
        State = state;
        Decide();
        return this;
    }

    public V1PodStatus Status => PodStatusBuilder.Build(State, ["172.18.0.1", "fc00:f853:ccd:e793::1"], Now);

    public V1ContainerState ContainerState(string name) =>
        (Status.ContainerStatuses ?? []).Concat(Status.InitContainerStatuses ?? []).Single(status => status.Name == name).State;

    private T Take<T>() where T : PodAction
    {
        var action = Pending.OfType<T>().ShouldHaveSingleItem();
        Pending.Remove(action);
        return action;
    }

    private void Decide()
    {
        var decision = PodDecider.Decide(State, Timings, Now);
        (State, WakeAt) = (decision.State, decision.WakeAt);
        foreach (var action in decision.Actions)
        {
            switch (action)
            {
                case PodAction.RecordEvent record: Events.Add(record); break;
                case PodAction.RemoveObject:
                    Removed.ShouldBeFalse();
                    Removed = true;
                    break;
                case PodAction.StartContainer start:
                    Starts.Add(start.Name);
                    Pending.Add(start);
                    break;
                default: Pending.Add(action); break;
            }
        }
    }
}
