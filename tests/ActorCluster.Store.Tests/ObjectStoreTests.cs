using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests;

public sealed class ObjectStoreTests : IAsyncLifetime
{
    private ObjectStore _store = null!;

    public async Task InitializeAsync() => _store = await ObjectStore.OpenAsync(new MemoryBackend(), Simulation());

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_created_object_is_read_back_with_its_revision_in_its_json()
    {
        var written = await _store.WriteAsync(Put(Pod("a"), 0, "x"));

        written.ShouldHaveSingleItem().Revision.ShouldBe(1);
        var read = _store.Snapshot.Get(Pod("a")).ShouldNotBeNull();
        read.Text().ShouldBe("""{"kind":"Pod","metadata":{"name":"a","resourceVersion":"1"},"spec":{"content":"x"}}""");
        _store.Snapshot.Revision.ShouldBe(1);
    }

    [Fact]
    public async Task A_failed_precondition_names_the_object_and_its_actual_revision()
    {
        await _store.WriteAsync(Put(Pod("a"), 0));

        (await _store.CommitAsync([Put(Pod("a"), 0)])).ShouldBe(new CommitResult.Conflict(Pod("a"), 1));
        (await _store.CommitAsync([Put(Pod("b"), 5)])).ShouldBe(new CommitResult.Conflict(Pod("b"), 0));
        (await _store.CommitAsync([Delete(Pod("a"), 7)])).ShouldBe(new CommitResult.Conflict(Pod("a"), 1));
    }

    [Fact]
    public async Task A_transaction_is_carried_out_whole_or_not_at_all()
    {
        await _store.WriteAsync(Put(Pod("a"), 0, owners: ["o"]));

        var result = await _store.CommitAsync([Put(Pod("b"), 0, owners: ["o"]), Delete(Pod("a")), Put(Pod("c"), 9)]);

        result.ShouldBe(new CommitResult.Conflict(Pod("c"), 0));
        _store.Snapshot.Revision.ShouldBe(1);
        _store.Snapshot.List(Pods).Select(pod => pod.Key.Name).ShouldBe(["a"]);
        _store.Snapshot.ListOwnedBy("o").Select(pod => pod.Key.Name).ShouldBe(["a"]);
        (await _store.WriteAsync(Put(Pod("d"), 0)))[0].Revision.ShouldBe(2);
    }

    [Fact]
    public async Task A_deletion_has_a_revision_of_its_own_and_answers_with_the_last_state()
    {
        await _store.WriteAsync(Put(Pod("a"), 0, "last"));

        var deleted = (await _store.WriteAsync(Delete(Pod("a"), 1))).ShouldHaveSingleItem();

        deleted.Revision.ShouldBe(2);
        deleted.Text().ShouldBe("""{"kind":"Pod","metadata":{"name":"a","resourceVersion":"2"},"spec":{"content":"last"}}""");
        _store.Snapshot.Get(Pod("a")).ShouldBeNull();
        (await _store.WriteAsync(Delete(Pod("a")))).ShouldBeEmpty();
        _store.Snapshot.Revision.ShouldBe(2);
    }

    [Fact]
    public async Task A_held_snapshot_does_not_change()
    {
        await _store.WriteAsync(Put(Pod("a"), 0, "one"));
        var before = _store.Snapshot;

        await _store.WriteAsync(Put(Pod("a"), 1, "two"), Put(Pod("b"), 0));

        before.Get(Pod("a"))!.Revision.ShouldBe(1);
        before.Count(Pods).ShouldBe(1);
        _store.Snapshot.Count(Pods).ShouldBe(2);
    }

    [Fact]
    public async Task Commits_that_come_together_share_one_transaction_of_the_backend()
    {
        await using var gate = new GatedBackend();
        await using var store = await ObjectStore.OpenAsync(gate, Simulation());
        var first = store.CommitAsync([Put(Pod("first"), 0)]);
        await gate.Entered;

        var others = Enumerable.Range(0, 100).Select(i => store.CommitAsync([Put(Pod($"p{i}"), 0)])).ToArray();
        gate.Open();
        await first;
        await Task.WhenAll(others);

        store.BatchesWritten.ShouldBe(2);
        store.Snapshot.Revision.ShouldBe(101);
    }

    [Fact]
    public async Task Nothing_is_seen_or_acknowledged_before_it_is_durable()
    {
        await using var gate = new GatedBackend();
        await using var store = await ObjectStore.OpenAsync(gate, Simulation());
        using var watch = store.Watch(Pods, null, 0);
        var change = watch.ReadAsync(default).AsTask();
        var commit = store.CommitAsync([Put(Pod("a"), 0)]);
        await gate.Entered;

        commit.IsCompleted.ShouldBeFalse();
        change.IsCompleted.ShouldBeFalse();
        store.Snapshot.Get(Pod("a")).ShouldBeNull();
        gate.Open();

        (await change).ShouldHaveSingleItem().Current!.Key.ShouldBe(Pod("a"));
        await commit;
    }

    [Fact]
    public async Task Only_one_of_many_concurrent_writers_of_one_revision_wins()
    {
        await _store.WriteAsync(Put(Pod("a"), 0));

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => _store.CommitAsync([Put(Pod("a"), 1, $"{i}")]))));

        results.OfType<CommitResult.Committed>().ShouldHaveSingleItem();
        results.OfType<CommitResult.Conflict>().ShouldAllBe(conflict => conflict.ActualRevision == 2);
    }

    [Fact]
    public async Task Concurrent_increments_lose_nothing()
    {
        await _store.WriteAsync(Put(Pod("counter"), 0, "0"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var read = _store.Snapshot.Get(Pod("counter"))!;
                var number = int.Parse(System.Text.Json.Nodes.JsonNode.Parse(read.Json.Span)!["spec"]!["content"]!.GetValue<string>(), null);
                if (await _store.CommitAsync([Put(Pod("counter"), read.Revision, $"{number + 1}")]) is CommitResult.Committed) done++;
            }
        })));

        _store.Snapshot.Get(Pod("counter"))!.Text().ShouldContain("\"content\":\"200\"");
        _store.Snapshot.Revision.ShouldBe(201);
    }

    [Fact]
    public async Task A_faulty_transaction_fails_alone()
    {
        var noRevision = new Mutation.Put(Pod("bad"), 0, ObjectHeader.Empty, new UnversionedJson("{}"u8.ToArray(), 1));
        await _store.WriteAsync(noRevision);

        await Should.ThrowAsync<FormatException>(() => _store.CommitAsync([Put(Pod("x"), 0), Delete(Pod("bad"))]));
        await Should.ThrowAsync<ArgumentException>(() => _store.CommitAsync([noRevision with { Json = new UnversionedJson("{}"u8.ToArray(), 3) }]));

        _store.Snapshot.Get(Pod("x")).ShouldBeNull();
        (await _store.WriteAsync(Put(Pod("y"), 0)))[0].Revision.ShouldBe(2);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        await _store.DisposeAsync();
        await Should.ThrowAsync<StoreUnavailableException>(() => _store.CommitAsync([Put(Pod("a"), 0)]));
    }
}
