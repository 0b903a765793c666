using ActorCluster.Controllers.Deployments;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Controllers.Workloads;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Deployments;

public class RolloutTests
{
    [Theory]
    [InlineData("25%", "25%", 10, 3, 2)]
    [InlineData("0", "0", 10, 0, 1)]
    [InlineData("2", "100%", 3, 2, 3)]
    [InlineData("25%", "25%", 0, 0, 0)]
    public void Surge_is_rounded_up_and_unavailable_down_and_both_zero_means_one_unavailable(string surge, string unavailable, int replicas, int maxSurge, int maxUnavailable)
    {
        var deployment = Make.Deployment("web", replicas, surge: surge, unavailable: unavailable);
        RollingBounds.MaxSurge(deployment).ShouldBe(maxSurge);
        RollingBounds.MaxUnavailable(deployment).ShouldBe(maxUnavailable);
    }

    [Fact]
    public void The_new_replica_set_is_the_oldest_with_the_present_template_whatever_its_hash_label()
    {
        var deployment = Make.Deployment("web", 3, image: "nginx:2");
        var wanted = Make.ReplicaSet("new", 1, "app=web,pod-template-hash=x", ageSeconds: 50, image: "nginx:2");
        var family = ReplicaSetFamily.Of(deployment, [Make.ReplicaSet("same", 0, "app=web,pod-template-hash=y", ageSeconds: 10, image: "nginx:2"), wanted, Make.ReplicaSet("old", 2)]);
        family.New!.Metadata.Name.ShouldBe("new");
        family.Old.Select(set => set.Metadata.Name).ShouldBe(["old", "same"]);
    }

    [Fact]
    public void Template_hashes_tell_templates_and_collisions_apart_and_nothing_else()
    {
        var template = Make.Template("app=web,tier=front", "nginx:1");
        var hash = TemplateHash.Of(template, null);
        TemplateHash.Of(Make.Template("tier=front,app=web", "nginx:1"), null).ShouldBe(hash);
        TemplateHash.Of(Make.Template("app=web,tier=front", "nginx:2"), null).ShouldNotBe(hash);
        TemplateHash.Of(template, 1).ShouldNotBe(hash);
        hash.ShouldAllBe(c => "bcdfghjklmnpqrstvwxz2456789".Contains(c));
        TemplateHash.NameOf(new string('a', 300), hash).Length.ShouldBe(253);
    }

    [Fact]
    public void Unhealthy_pods_of_old_replica_sets_go_first()
    {
        var deployment = Make.Deployment("web", 10, surge: "3", unavailable: "2");
        var current = Make.ReplicaSet("new", 5, available: 5);
        var sick = Make.ReplicaSet("sick", 3, available: 0, ageSeconds: 20);
        var well = Make.ReplicaSet("well", 5, available: 5, ageSeconds: 90);
        var steps = Rollout.ShrinkOld(deployment, current, [well, sick]).ToDictionary(step => step.Set.Metadata.Name, step => step.Replicas);
        steps["sick"].ShouldBe(0);
        steps["well"].ShouldBe(3);
    }

    [Fact]
    public void Old_replica_sets_stay_while_the_new_pods_are_not_available()
    {
        var deployment = Make.Deployment("web", 10, surge: "3", unavailable: "2");
        Rollout.ShrinkOld(deployment, Make.ReplicaSet("new", 5, available: 0), [Make.ReplicaSet("old", 8, available: 8)]).ShouldBeEmpty();
    }

    /// <summary>Rolls through random templates while pods become available and fail at random; the bounds must hold at every step.</summary>
    [Property(MaxTest = 200)]
    public void A_rollout_never_exceeds_its_surge_nor_falls_short_of_its_availability(PositiveInt replicas, NonNegativeInt surge, NonNegativeInt unavailable, int[] chances)
    {
        var wanted = (replicas.Get % 20) + 1;
        var deployment = Make.Deployment("web", wanted, surge: $"{surge.Get % 6}", unavailable: $"{unavailable.Get % 6}");
        var limit = wanted + RollingBounds.MaxSurge(deployment);
        var least = wanted - RollingBounds.MaxUnavailable(deployment);
        List<V1ReplicaSet> sets = [WithTemplate(Make.ReplicaSet("r0", wanted, available: wanted, ageSeconds: 10_000), 0)];
        var version = 0;
        deployment = WithImage(deployment, version);
        foreach (var chance in chances.Select(Math.Abs))
        {
            if (chance % 11 == 0 && sets.Count < 8)
            {
                deployment = WithImage(deployment, ++version);
                sets.Add(WithTemplate(Make.ReplicaSet($"r{version}", 0, ageSeconds: 10_000 - version), version));
            }

            Step(deployment, sets);
            ReplicaSetFamily.Wanted(sets).ShouldBeLessThanOrEqualTo(limit);
            // Scaling down deletes unavailable pods first, so what is wanted bounds what is available.
            sets = [.. sets.Select(set => Available(set, Math.Min(set.Status.AvailableReplicas ?? 0, set.Spec.Replicas!.Value)))];
            ReplicaSetFamily.Available(sets).ShouldBeGreaterThanOrEqualTo(least);
            if (chance % 3 != 0) sets = [.. sets.Select((set, i) => (chance >> i) % 2 == 0 ? Available(set, Math.Min(set.Spec.Replicas!.Value, (set.Status.AvailableReplicas ?? 0) + 1 + (chance % 4))) : set)];
        }

        // Left in peace it completes.
        for (var i = 0; i < 200; i++)
        {
            Step(deployment, sets);
            sets = [.. sets.Select(set => Available(set, set.Spec.Replicas!.Value))];
        }

        ReplicaSetFamily.Of(deployment, sets).New!.Spec.Replicas.ShouldBe(wanted);
        ReplicaSetFamily.Wanted(sets).ShouldBe(wanted);
    }

    [Property(MaxTest = 200)]
    public Property Scaling_in_the_middle_of_a_rollout_shares_the_difference_among_all_active_replica_sets()
    {
        var sizes = Gen.Choose(1, 30).ArrayOf().Where(s => s.Length is > 1 and < 6);
        return Prop.ForAll(sizes.ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), (present, wanted) =>
        {
            var before = present.Sum();
            var deployment = Make.Deployment("web", wanted, surge: "25%");
            var sets = present.Select((size, i) =>
            {
                var set = WithTemplate(Make.ReplicaSet($"r{i}", size, available: size / 2, ageSeconds: 100 - i), i);
                set.Metadata.Annotations = new Dictionary<string, string> { [ReplicaSetAnnotations.DesiredReplicas] = "7", [ReplicaSetAnnotations.MaxReplicas] = $"{before}" };
                return set;
            }).ToList();
            deployment = WithImage(deployment, present.Length - 1);
            var steps = Rollout.ScaleProportionally(deployment, ReplicaSetFamily.Of(deployment, sets));
            var allowed = wanted == 0 ? 0 : wanted + RollingBounds.MaxSurge(deployment);
            steps.ShouldAllBe(step => step.Replicas >= 0);
            // As upstream: what rounding leaves over is the largest set's alone, which can't give more than it has (four sets of one pod, scaled to one and a surge of one: three stay until the next step).
            if (wanted == 0 || steps[0].Replicas > 0) steps.Sum(step => step.Replicas).ShouldBe(allowed);
            else steps.Sum(step => step.Replicas).ShouldBeGreaterThanOrEqualTo(allowed);
            if (allowed >= before) steps.ShouldAllBe(step => step.Replicas >= step.Set.Spec.Replicas);
            else steps.ShouldAllBe(step => step.Replicas <= step.Set.Spec.Replicas);
        });
    }

    [Fact]
    public void Recreate_waits_until_the_old_pods_are_gone()
    {
        var deployment = Make.Deployment("web", 2, strategy: "Recreate", image: "nginx:2");
        var old = Make.ReplicaSet("old", 0);
        var family = ReplicaSetFamily.Of(deployment, [old]);
        Rollout.OldPodsRunning(family, _ => [Make.Pod("p", deleting: true, ready: true)]).ShouldBeTrue();
        Rollout.OldPodsRunning(family, _ => [Make.Pod("p", phase: "Succeeded")]).ShouldBeFalse();
    }

    [Fact]
    public void A_revision_that_comes_back_gets_a_new_number_and_remembers_the_old_one()
    {
        var deployment = Make.Deployment("web", 2);
        deployment.Metadata.Annotations = new Dictionary<string, string>
        {
            ["kubernetes.io/change-cause"] = "undo",
            ["kubectl.kubernetes.io/last-applied-configuration"] = "{}",
        };
        var present = new Dictionary<string, string> { [ReplicaSetAnnotations.Revision] = "1" };
        var annotations = ReplicaSetAnnotations.ForNew(deployment, present, 3, exists: true);
        annotations[ReplicaSetAnnotations.Revision].ShouldBe("3");
        annotations[ReplicaSetAnnotations.RevisionHistory].ShouldBe("1");
        annotations["kubernetes.io/change-cause"].ShouldBe("undo");
        annotations.ShouldNotContainKey("kubectl.kubernetes.io/last-applied-configuration");
    }

    private static void Step(V1Deployment deployment, List<V1ReplicaSet> sets)
    {
        var family = ReplicaSetFamily.Of(deployment, sets);
        var current = family.New!;
        var size = Rollout.NewReplicas(deployment, family.All, current.Spec.Replicas!.Value);
        IReadOnlyList<ScaleStep> steps = size != current.Spec.Replicas ? [new(current, size)] : Rollout.ShrinkOld(deployment, current, family.ActiveOld);
        foreach (var step in steps)
        {
            var index = sets.FindIndex(set => set.Metadata.Name == step.Set.Metadata.Name);
            sets[index] = sets[index] with { Spec = sets[index].Spec with { Replicas = step.Replicas } };
        }
    }

    private static V1ReplicaSet Available(V1ReplicaSet set, int available) => set with { Status = set.Status with { AvailableReplicas = available } };

    private static V1ReplicaSet WithTemplate(V1ReplicaSet set, int version) => set with { Spec = set.Spec with { Template = Make.Template("app=web", $"nginx:{version}") } };

    private static V1Deployment WithImage(V1Deployment deployment, int version) =>
        deployment with { Spec = deployment.Spec with { Template = Make.Template("app=web", $"nginx:{version}") } };
}
