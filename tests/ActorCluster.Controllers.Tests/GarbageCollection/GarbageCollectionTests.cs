using ActorCluster.Api;
using ActorCluster.Controllers.GarbageCollection;
using ActorCluster.Controllers.Metadata;

namespace ActorCluster.Controllers.Tests.GarbageCollection;

public class GarbageCollectionTests
{
    private static ObjectMetadata Object(string uid, string[]? owners = null, bool deleting = false, string[]? finalizers = null) => new(
        new ObjectKey(new("", "things"), "default", uid), uid, "1", deleting, [.. finalizers ?? []],
        [.. (owners ?? []).Select(owner => new OwnerMetadata("v1", "Thing", owner, owner, BlockOwnerDeletion: true, Controller: null))]);

    [Fact]
    public void An_object_stays_as_long_as_one_owner_stays() =>
        GarbageVerdict.Of(Object("a", ["x"]), [OwnerState.Solid], false).ShouldBeOfType<GarbageVerdict.Keep>();

    [Fact]
    public void An_object_loses_the_references_to_owners_that_are_gone_while_another_stays() =>
        GarbageVerdict.Of(Object("a", ["x", "y", "z"]), [OwnerState.Absent, OwnerState.Solid, OwnerState.Waiting], true)
            .ShouldBeOfType<GarbageVerdict.DropOwners>().Remaining.Select(owner => owner.Uid).ShouldBe(["y"]);

    [Theory]
    [InlineData(false, "Background")]
    [InlineData(true, "Foreground")]
    public void An_owner_that_waits_deletes_the_tree_from_its_leaves(bool hasDependents, string propagation) =>
        GarbageVerdict.Of(Object("a", ["x"]), [OwnerState.Waiting], hasDependents).ShouldBeOfType<GarbageVerdict.Delete>().Propagation.ShouldBe(propagation);

    [Fact]
    public void What_lost_its_only_owner_is_deleted_as_its_finalizers_ask()
    {
        GarbageVerdict.Of(Object("a", ["x"]), [OwnerState.Absent], true).ShouldBe(new GarbageVerdict.Delete("Background"));
        GarbageVerdict.Of(Object("a", ["x"], finalizers: ["orphan"]), [OwnerState.Absent], true).ShouldBe(new GarbageVerdict.Delete("Orphan"));
    }

    [Fact]
    public void What_is_being_deleted_or_has_no_owner_is_left_alone()
    {
        GarbageVerdict.Of(Object("a", ["x"], deleting: true), [OwnerState.Absent], false).ShouldBeOfType<GarbageVerdict.Keep>();
        GarbageVerdict.Of(Object("a"), [], false).ShouldBeOfType<GarbageVerdict.Keep>();
    }

    [Fact]
    public void The_graph_asks_for_the_dependents_of_what_is_gone_and_for_owners_that_waited()
    {
        var graph = new DependencyGraph();
        var (owner, child, leaf) = (Object("owner"), Object("child", ["owner"]), Object("leaf", ["child"]));
        graph.Apply(null, owner).ShouldBeEmpty();
        graph.Apply(null, child).ShouldBeEmpty();
        graph.Apply(null, leaf).ShouldBeEmpty();
        var waiting = Object("owner", deleting: true, finalizers: [ObjectMetadata.ForegroundFinalizer]);
        graph.Apply(owner, waiting).ShouldBe(["owner"]);
        graph.Apply(child, null).ShouldBe(["leaf", "owner"], ignoreOrder: true);
        graph.Apply(waiting, null).ShouldBeEmpty();
        graph.DependentsOf("child").Select(d => d.Uid).ShouldBe(["leaf"]);
    }

    [Fact]
    public void An_object_whose_owner_was_never_seen_is_looked_at() =>
        new DependencyGraph().Apply(null, Object("child", ["nobody"])).ShouldBe(["child"]);

    [Fact]
    public void An_owner_that_waits_is_asked_for_when_a_dependent_lets_go_of_it()
    {
        var graph = new DependencyGraph();
        graph.Apply(null, Object("owner", deleting: true, finalizers: [ObjectMetadata.ForegroundFinalizer]));
        var child = Object("child", ["owner"]);
        graph.Apply(null, child).ShouldBe(["child"]);
        graph.Apply(child, Object("child")).ShouldBe(["owner"]);
    }
}
