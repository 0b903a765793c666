using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Tests.Support;
using FsCheck.Xunit;
using k8s.Models;
using static ActorCluster.Nodes.Tests.Support.TestPods;

namespace ActorCluster.Nodes.Tests.Lifecycle;

/// <summary>Whatever happens in whatever order, some things never do.</summary>
public class PodDeciderProperties
{
    private static readonly string[] Policies = ["Always", "OnFailure", "Never"];

    [Property(MaxTest = 300)]
    public void There_are_never_two_instances_of_a_container(int seed) => Play(seed, (life, _) =>
    {
        foreach (var name in life.State.Containers.Select(container => container.Name))
        {
            life.Pending.OfType<PodAction.StartContainer>().Count(start => start.Name == name).ShouldBeLessThanOrEqualTo(1);
            var starting = life.Pending.OfType<PodAction.StartContainer>().Any(start => start.Name == name);
            if (starting) life.State.Find(name)!.Phase.ShouldBeOneOf(ContainerPhase.Starting, ContainerPhase.Stopping);
        }
    });

    [Property(MaxTest = 300)]
    public void Main_containers_start_only_after_every_init_container_succeeded(int seed) => Play(seed, (life, step) =>
    {
        if (!step.NewStarts.Any(name => life.State.Find(name)!.Role == ContainerRole.Main)) return;
        life.State.Containers.Where(container => container.Role == ContainerRole.Init).ShouldAllBe(container => container.InitializationDone);
    });

    [Property(MaxTest = 300)]
    public void A_pod_that_is_ending_starts_nothing(int seed) => Play(seed, (life, step) =>
    {
        if (step.WasEnding) step.NewStarts.ShouldBeEmpty();
    });

    [Property(MaxTest = 300)]
    public void With_policy_Never_a_main_container_runs_at_most_once(int seed) => Play(seed, (life, _) =>
    {
        if (life.State.Pod.Spec.RestartPolicy != "Never") return;
        foreach (var main in life.State.Containers.Where(container => container.Role == ContainerRole.Main)) main.RestartCount.ShouldBe(0);
    });

    [Property(MaxTest = 300)]
    public void A_deleted_pod_always_comes_to_its_end(int seed)
    {
        var life = Play(seed, static (_, _) => { });
        life.Seen(Deleted(life.State.Pod, life.Now, 1));
        for (var i = 0; i < 100 && !life.Removed; i++)
        {
            if (life.Pending.OfType<PodAction.CreateSandbox>().Any()) life.Sandbox();
            else if (life.Pending.OfType<PodAction.StartContainer>().FirstOrDefault() is { } start) life.Started(start.Name);
            else if (life.Pending.OfType<PodAction.StopContainer>().FirstOrDefault() is { } stop) life.Exited(stop.Name, 137);
            else if (life.Pending.OfType<PodAction.DestroySandbox>().Any()) life.Destroyed();
        }
        life.Removed.ShouldBeTrue();
        life.State.HasInstances.ShouldBeFalse();
        life.Pending.ShouldBeEmpty();
    }

    [Property(MaxTest = 300)]
    public void The_phase_never_leaves_Succeeded_or_Failed_once_the_API_knows_it(int seed) => Play(seed, (life, _) =>
    {
        var seen = Copy(life.State.Pod);
        seen.Status = life.Status;
        if (seen.Status.Phase is not ("Succeeded" or "Failed")) return;
        PodState.Create(seen, life.Now).ShouldSatisfyAllConditions(state => PodPhases.Of(state).ShouldBe(seen.Status.Phase), state => state.IsOver.ShouldBeTrue());
    });

    private static Lifetime Play(int seed, Action<Lifetime, Step> check)
    {
        var random = new Random(seed);
        var pod = RandomPod(random);
        var life = new Lifetime(pod);
        for (var i = 0; i < 60; i++)
        {
            var wasEnding = life.State.Ending is not null;
            var starts = life.Starts.Count;
            Move(life, pod, random);
            check(life, new Step(wasEnding, life.Starts[starts..]));
        }
        return life;
    }

    private static void Move(Lifetime life, V1Pod pod, Random random)
    {
        var live = life.State.Containers.Where(container => container.Phase is ContainerPhase.Running or ContainerPhase.Stopping && container.StartedAt is not null).Select(container => container.Name).ToList();
        switch (random.Next(10))
        {
            case 0 when life.Pending.OfType<PodAction.CreateSandbox>().Any(): life.Sandbox(); break;
            case 1 or 2 when life.Pending.OfType<PodAction.StartContainer>().FirstOrDefault() is { } start:
                if (random.Next(3) == 0) life.StartFailed(start.Name, random.Next(2) == 0 ? WaitingReasons.ErrImagePull : WaitingReasons.RunContainerError);
                else life.Started(start.Name);
                break;
            case 3 or 4 when live.Count > 0: life.Exited(live[random.Next(live.Count)], random.Next(3)); break;
            case 5 when live.Count > 0: life.Probe(live[random.Next(live.Count)], (ProbeKind)random.Next(3), random.Next(2) == 0); break;
            case 6 when life.Pending.OfType<PodAction.DestroySandbox>().Any(): life.Destroyed(); break;
            case 7 when random.Next(8) == 0: life.Seen(Deleted(pod, life.Now, random.Next(30))); break;
            case 8 when life.Pending.OfType<PodAction.CreateSandbox>().Any(): life.Sandbox(); break;
            default: life.Pass(TimeSpan.FromSeconds(random.Next(400))); break;
        }
    }

    private static V1Pod RandomPod(Random random)
    {
        var init = Enumerable.Range(0, random.Next(3)).Select(i => random.Next(2) == 0 ? Container($"init-{i}") : Sidecar($"sidecar-{i}")).ToList();
        var main = Enumerable.Range(0, 1 + random.Next(2)).Select(i => Container($"main-{i}")).ToList();
        foreach (var container in main.Concat(init.Where(other => other.RestartPolicy is not null)))
        {
            if (random.Next(3) == 0) container.StartupProbe = new V1Probe();
            if (random.Next(3) == 0) container.LivenessProbe = new V1Probe();
            if (random.Next(3) == 0) container.ReadinessProbe = new V1Probe();
        }
        return Pod(restartPolicy: Policies[random.Next(3)], containers: main, init: init.Count == 0 ? null : init);
    }

    private sealed record Step(bool WasEnding, IReadOnlyList<string> NewStarts);
}
