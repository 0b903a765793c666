using ActorCluster.Contracts.Store;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests;

public sealed class FailingBackendTests
{
    private readonly List<string> _faults = [];
    private readonly GatedBackend _backend = new();

    private Task<ObjectStore> OpenAsync()
    {
        _backend.Open();
        return ObjectStore.OpenAsync(_backend, Simulation() with { ReportFault = (doing, _) => _faults.Add(doing) });
    }

    [Fact]
    public async Task A_write_that_did_not_reach_the_disk_is_refused_and_leaves_no_trace()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(Put(Pod("a"), 0));
        _backend.FailBefore = true;

        var error = await Should.ThrowAsync<StoreUnavailableException>(() => store.CommitAsync([Put(Pod("b"), 0)]));
        error.Message.ShouldContain("the disk is gone");
        store.Snapshot.Get(Pod("b")).ShouldBeNull();
        _faults.ShouldHaveSingleItem();

        _backend.FailBefore = false;
        (await store.WriteAsync(Put(Pod("c"), 0)))[0].Revision.ShouldBe(2);
        store.Snapshot.List(Pods).Select(pod => pod.Key.Name).ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task The_store_says_why_the_last_write_failed_until_one_succeeds()
    {
        await using var store = await OpenAsync();
        store.WriteFault.ShouldBeNull();
        _backend.FailBefore = true;
        await Should.ThrowAsync<StoreUnavailableException>(() => store.CommitAsync([Put(Pod("b"), 0)]));
        store.WriteFault!.ShouldContain("the disk is gone");
        _backend.FailBefore = false;
        await store.WriteAsync(Put(Pod("c"), 0));
        store.WriteFault.ShouldBeNull();
    }

    [Fact]
    public async Task A_write_that_reached_the_disk_unacknowledged_is_seen_by_readers_and_watches_before_the_next_one()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(Put(Pod("a"), 0));
        using var watch = store.Watch(Pods, null, 1);
        _backend.FailAfter = true;
        await Should.ThrowAsync<StoreUnavailableException>(() => store.CommitAsync([Put(Pod("b"), 0), Delete(Pod("a"), 1)]));
        _backend.FailAfter = false;

        (await store.CommitAsync([Put(Pod("b"), 0)])).ShouldBe(new CommitResult.Conflict(Pod("b"), 2));
        (await store.WriteAsync(Put(Pod("c"), 0)))[0].Revision.ShouldBe(4);

        var seen = new List<StoreChange>();
        while (seen.Count < 3) seen.AddRange(await watch.ReadAsync(default));
        seen.Select(change => (change.Key.Name, change.Revision)).ShouldBe([("b", 2), ("a", 3), ("c", 4)]);
        store.Snapshot.List(Pods).Select(pod => pod.Key.Name).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task After_any_series_of_failures_what_was_acknowledged_is_there_and_nothing_was_torn()
    {
        var random = new Contracts.Runtime.RandomSource(5);
        var acknowledged = new List<string>();
        await using (var store = await OpenAsync())
        {
            for (var i = 0; i < 200; i++)
            {
                (_backend.FailBefore, _backend.FailAfter) = (random.Next(4) == 0, random.Next(4) == 0);
                try
                {
                    await store.WriteAsync(Put(Pod($"a{i}"), 0), Put(Pod($"b{i}"), 0));
                    acknowledged.Add($"{i}");
                }
                catch (StoreUnavailableException)
                {
                    (_backend.FailBefore || _backend.FailAfter).ShouldBeTrue();
                }
            }
        }

        (_backend.FailBefore, _backend.FailAfter) = (false, false);
        await using var again = await OpenAsync();
        var names = again.Snapshot.List(Pods).Select(pod => pod.Key.Name).ToHashSet();
        acknowledged.Count.ShouldBeGreaterThan(50);
        acknowledged.ShouldAllBe(i => names.Contains($"a{i}") && names.Contains($"b{i}"));
        names.ShouldAllBe(name => names.Contains(name[0] == 'a' ? name.Replace('a', 'b') : name.Replace('b', 'a')));
        again.Snapshot.Revision.ShouldBe(names.Count);
    }
}
