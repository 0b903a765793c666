using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests.Backends;

public sealed class MemoryBackendTests : BackendContractTests
{
    private readonly MemoryBackend _backend = new();

    protected override IStorageBackend Open() => _backend;
}

public sealed class SqliteBackendContractTests : BackendContractTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorcluster-store-").FullName;

    protected override IStorageBackend Open() => new SqliteBackend(Path.Combine(_folder, "data", "store.db"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>What a store relies on, whatever the backend; each Open is another process's.</summary>
public abstract class BackendContractTests
{
    protected abstract IStorageBackend Open();

    [Fact]
    public async Task Everything_acknowledged_is_there_after_a_restart_with_its_header_and_its_revision()
    {
        await using (var store = await ObjectStore.OpenAsync(Open(), Simulation()))
        {
            await store.WriteAsync(Put(Pod("a"), 0, "one", ["o1", "o2"], "web"), Put(Pod("b"), 0));
            await store.WriteAsync(Put(Pod("a"), 1, "two", ["o2"], "web"), Delete(Pod("b"), 2));
        }

        await using var again = await ObjectStore.OpenAsync(Open(), Simulation());

        var snapshot = again.Snapshot;
        snapshot.Revision.ShouldBe(4);
        var read = snapshot.List(Pods).ShouldHaveSingleItem();
        read.Text().ShouldBe("""{"kind":"Pod","metadata":{"name":"a","resourceVersion":"3"},"spec":{"content":"two"}}""");
        read.Header.Uid.ShouldBe("uid-pods/default/a");
        read.Header.Labels["app"].ShouldBe("web");
        snapshot.ListOwnedBy("o1").ShouldBeEmpty();
        snapshot.ListOwnedBy("o2").ShouldHaveSingleItem();
        (await again.WriteAsync(Put(Pod("c"), 0)))[0].Revision.ShouldBe(5);
    }

    [Fact]
    public async Task Every_version_has_its_own_header_after_a_restart_whichever_part_of_it_was_changed()
    {
        var longer = new string('x', 300);
        Mutation.Put[] versions =
        [
            Put(Pod("a"), 0, "1", ["o1"], "web", "n1"),
            Put(Pod("a"), 1, "2", ["o1"], "web", "n1"),
            Put(Pod("a"), 2, "3", ["o1"], "wéb", "n1"),
            Put(Pod("a"), 3, "4", ["o1"], "wéb", longer),
            Put(Pod("a"), 4, "5", ["o1", "ö2", "ö2"], "wéb", longer),
            Put(Pod("a"), 5, "6", ["ö2"], "wéb", longer),
            Put(Pod("a"), 6, "7"),
        ];
        versions[1] = versions[1] with { Header = versions[1].Header with { Deleting = true } };
        versions[2] = versions[2] with { Header = versions[2].Header with { Uid = "ünother" } };
        await using (var store = await ObjectStore.OpenAsync(Open(), Simulation()))
            await store.WriteAsync([.. versions, Put(Pod("b"), 0, "1", ["ö2", "o1", "ö2"]), Put(Pod("in-no-namespace", ns: ""), 0, label: "")]);

        await using var again = await ObjectStore.OpenAsync(Open(), Simulation());
        using var watch = again.Watch(Pods, null, 0);
        var changes = await watch.ReadAsync(default);

        changes.Take(versions.Length).Select(change => Parts(change.Current!.Header)).ShouldBe(versions.Select(version => Parts(version.Header)));
        changes[1].Previous.ShouldBeSameAs(changes[0].Current);
        again.Snapshot.ListOwnedBy("ö2").ShouldHaveSingleItem().Key.ShouldBe(Pod("b"));
        again.Snapshot.ListOwnedBy("o1").ShouldHaveSingleItem().Key.ShouldBe(Pod("b"));
        again.Snapshot.Get(Pod("in-no-namespace", ns: "")).ShouldNotBeNull().Header.Labels["app"].ShouldBe("");

        static string Parts(ObjectHeader header) =>
            $"{header.Uid} {header.Deleting} {string.Join(',', header.Labels)} {string.Join(',', header.Fields)} {string.Join(',', header.OwnerUids)}";
    }

    [Fact]
    public async Task The_revision_goes_on_after_a_restart_even_if_the_last_thing_was_a_compacted_deletion()
    {
        await using (var store = await ObjectStore.OpenAsync(Open(), Simulation())) await store.WriteAsync(Put(Pod("a"), 0), Delete(Pod("a"), 1));
        await using (var backend = Open())
        {
            var head = await backend.TakeOverAsync(default);
            await backend.CompactAsync(head.Epoch, 2, default);
        }

        await using var again = await ObjectStore.OpenAsync(Open(), Simulation());

        again.Snapshot.Revision.ShouldBe(2);
        (await again.WriteAsync(Put(Pod("a"), 0)))[0].Revision.ShouldBe(3);
    }

    [Fact]
    public async Task A_watch_goes_on_after_a_restart_from_where_it_was()
    {
        await using (var store = await ObjectStore.OpenAsync(Open(), Simulation()))
        {
            await store.WriteAsync(Put(Pod("a"), 0, "one"));
            await store.WriteAsync(Put(Pod("a"), 1, "two"));
            await store.WriteAsync(Delete(Pod("a"), 2));
        }

        await using var again = await ObjectStore.OpenAsync(Open(), Simulation());
        using var watch = again.Watch(Pods, "default", 1);

        var changes = await watch.ReadAsync(default);

        changes.Count.ShouldBe(2);
        changes[0].Previous!.Text().ShouldContain("one");
        changes[0].Current!.Text().ShouldContain("two");
        changes[1].Current.ShouldBeNull();
        changes[1].Previous!.Revision.ShouldBe(2);
        watch.Position.ShouldBe(3);
    }

    [Fact]
    public async Task Compaction_keeps_every_object_and_ends_the_history()
    {
        await using (var backend = Open())
        {
            await using (var store = await ObjectStore.OpenAsync(backend, Simulation()))
            {
                await store.WriteAsync(Put(Pod("kept"), 0), Put(Pod("changed"), 0, "old"), Put(Pod("gone"), 0));
                await store.WriteAsync(Put(Pod("changed"), 2, "new"), Delete(Pod("gone"), 3));
                await store.WriteAsync(Put(Pod("changed"), 4, "newest"));
            }
        }

        await using (var backend = Open())
        {
            var head = await backend.TakeOverAsync(default);
            await backend.CompactAsync(head.Epoch, 5, default);
            var kept = new List<StoredVersion>();
            await foreach (var version in backend.ReadAsync(0, default)) kept.Add(version);
            kept.Select(version => version.Revision).ShouldBe([1, 4, 6]);
        }

        await using var again = await ObjectStore.OpenAsync(Open(), Simulation());
        again.Snapshot.List(Pods).Select(pod => (pod.Key.Name, pod.Revision)).ShouldBe([("changed", 6L), ("kept", 1L)]);
        Should.Throw<RevisionCompactedException>(() => again.Watch(Pods, null, 4)).Oldest.ShouldBe(5);
        using var watch = again.Watch(Pods, null, 5);
        var change = (await watch.ReadAsync(default)).ShouldHaveSingleItem();
        change.Previous!.Text().ShouldContain("\"new\"");
    }

    [Fact]
    public async Task A_writer_that_lost_its_place_can_commit_nothing_more()
    {
        await using var old = await ObjectStore.OpenAsync(Open(), Simulation() with { ReportFault = (_, _) => { } });
        await old.WriteAsync(Put(Pod("a"), 0));
        await using var successor = await ObjectStore.OpenAsync(Open(), Simulation());

        await Should.ThrowAsync<StoreUnavailableException>(() => old.CommitAsync([Put(Pod("a"), 1, "split")]));
        await Should.ThrowAsync<StoreUnavailableException>(() => old.CommitAsync([Put(Pod("b"), 0)]));

        old.Snapshot.Get(Pod("a"))!.Revision.ShouldBe(1);
        (await successor.WriteAsync(Put(Pod("a"), 1, "right")))[0].Revision.ShouldBe(2);
    }

    [Fact]
    public async Task The_backend_stays_small_when_the_same_objects_change_all_the_time()
    {
        var options = new StoreOptions { HistoryMaximum = 100 };
        await using (var store = await ObjectStore.OpenAsync(Open(), Simulation(), options))
        {
            for (var i = 0; i < 60; i++)
                await store.WriteAsync([.. Enumerable.Range(0, 100).Select(n => Put(Pod($"p{n}"), content: $"{i}"))]);
        }

        await using var backend = Open();
        await backend.TakeOverAsync(default);
        var kept = 0;
        await foreach (var _ in backend.ReadAsync(0, default)) kept++;
        kept.ShouldBeLessThan(2_500);
    }
}
