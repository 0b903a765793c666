using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using Microsoft.Extensions.Time.Testing;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests.History;

public sealed class StoreWatchTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private ObjectStore _store = null!;

    public Task InitializeAsync() => OpenAsync(new StoreOptions());

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_watch_hands_out_each_change_with_what_was_before()
    {
        using var watch = _store.Watch(Pods, null, 0);
        await _store.WriteAsync(Put(Pod("a"), 0, "1"), Put(Pod("a"), null, "2"), Delete(Pod("a")));

        var changes = await watch.ReadAsync(default);

        changes.Select(change => (change.Revision, Before: change.Previous?.Revision, Now: change.Current?.Revision))
            .ShouldBe([(1, null, 1), (2, 1, 2), (3, 2, null)]);
    }

    [Fact]
    public async Task A_change_wakes_only_watches_of_its_resource_and_namespace()
    {
        using var here = _store.Watch(Pods, "here", 0);
        using var there = _store.Watch(Pods, "there", 0);
        using var everywhere = _store.Watch(Pods, null, 0);
        using var others = _store.Watch(Deployments, null, 0);
        var reads = (Here: here.ReadAsync(default).AsTask(), There: there.ReadAsync(default).AsTask(), Others: others.ReadAsync(default).AsTask());

        await _store.WriteAsync(Put(Pod("a", "here"), 0));

        (await reads.Here).ShouldHaveSingleItem();
        (await everywhere.ReadAsync(default)).ShouldHaveSingleItem();
        reads.There.IsCompleted.ShouldBeFalse();
        reads.Others.IsCompleted.ShouldBeFalse();
        there.Position.ShouldBe(1);
        await _store.WriteAsync(Put(Pod("b", "there"), 0), Put(new(Deployments, "here", "d"), 0));
        (await reads.There).ShouldHaveSingleItem().Key.Name.ShouldBe("b");
        (await reads.Others).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_watch_of_a_fields_value_sees_what_has_it_and_what_had_it_and_sleeps_through_the_rest()
    {
        using var one = _store.Watch(Pods, null, 0, new FieldValue("spec.nodeName", "one"));
        using var oneHere = _store.Watch(Pods, "here", 0, new FieldValue("spec.nodeName", "one"));
        using var none = _store.Watch(Pods, null, 0, new FieldValue("spec.nodeName", ""));
        var reads = (One: one.ReadAsync(default).AsTask(), OneHere: oneHere.ReadAsync(default).AsTask());
        await _store.WriteAsync(Put(Pod("other"), 0, node: "two"), Put(Pod("new"), 0));
        reads.One.IsCompleted.ShouldBeFalse();
        one.Position.ShouldBe(2);

        await _store.WriteAsync(Put(Pod("new"), node: "one"), Put(Pod("new"), node: "two"), Put(Pod("new"), node: "two"), Delete(Pod("new")));
        (await reads.One).Select(change => change.Revision).ShouldBe([3, 4]);
        reads.OneHere.IsCompleted.ShouldBeFalse();
        (await none.ReadAsync(default)).Select(change => change.Revision).ShouldBe([2, 3]);

        using var late = _store.Watch(Pods, null, 3, new FieldValue("spec.nodeName", "two"));
        (await late.ReadAsync(default)).Select(change => change.Revision).ShouldBe([4, 5, 6]);
        await _store.WriteAsync(Put(Pod("a", "here"), 0, node: "one"));
        (await reads.OneHere).ShouldHaveSingleItem().Revision.ShouldBe(7);
    }

    [Fact]
    public async Task A_reader_that_falls_behind_the_history_is_told_so()
    {
        await OpenAsync(new StoreOptions { HistoryMaximum = 100 });
        using var slow = _store.Watch(Pods, null, 0);
        using var quiet = _store.Watch(Deployments, null, 0);
        for (var i = 0; i < 40; i++) await _store.WriteAsync([.. Enumerable.Range(0, 20).Select(n => Put(Pod($"p{n}")))]);

        await Should.ThrowAsync<RevisionCompactedException>(() => slow.ReadAsync(default).AsTask());
        Should.Throw<RevisionCompactedException>(() => _store.Watch(Pods, null, 5));

        // Nothing happened to this one's resource: it has missed nothing.
        await _store.WriteAsync(Put(new(Deployments, "default", "d"), 0));
        (await quiet.ReadAsync(default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Changes_stay_for_their_time_and_go_when_it_is_over()
    {
        await OpenAsync(new StoreOptions { HistoryMinimum = 2 });
        for (var i = 0; i < 10; i++) await _store.WriteAsync(Put(Pod("a"), content: $"{i}"));
        _clock.Advance(TimeSpan.FromMinutes(4));
        await _store.WriteAsync(Put(Pod("b")));
        using (var early = _store.Watch(Pods, null, 0)) (await early.ReadAsync(default)).Count.ShouldBeGreaterThan(0);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await _store.WriteAsync(Put(Pod("c")));

        Should.Throw<RevisionCompactedException>(() => _store.Watch(Pods, null, 5));
        using var late = _store.Watch(Pods, null, 10);
        (await late.ReadAsync(default))[0].Key.Name.ShouldBe("b");
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        using var watch = _store.Watch(Pods, null, 0);
        using var cancellation = new CancellationTokenSource();
        var read = watch.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => read);

        await _store.WriteAsync(Put(Pod("a"), 0));

        (await watch.ReadAsync(default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Each_read_is_cancelled_by_its_own_token()
    {
        using var watch = _store.Watch(Pods, null, 0);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var read = watch.ReadAsync(first.Token).AsTask();
        await _store.WriteAsync(Put(Pod("a"), 0));
        (await read).ShouldHaveSingleItem();

        var next = watch.ReadAsync(second.Token).AsTask();
        await first.CancelAsync();
        next.IsCompleted.ShouldBeFalse();
        await second.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(() => next)).CancellationToken.ShouldBe(second.Token);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_between_reads_ends_the_next()
    {
        using var watch = _store.Watch(Pods, null, 0);
        using var cancellation = new CancellationTokenSource();
        var read = watch.ReadAsync(cancellation.Token).AsTask();
        await _store.WriteAsync(Put(Pod("a"), 0));
        await read;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => watch.ReadAsync(cancellation.Token).AsTask());
    }

    [Fact]
    public async Task Many_watchers_all_get_everything_while_writers_are_busy()
    {
        const int writes = 300;
        var readers = Enumerable.Range(0, 200).Select(n => Task.Run(async () =>
        {
            using var watch = _store.Watch(Pods, n % 2 == 0 ? null : "default", 0);
            var seen = new List<long>();
            while (seen.Count < writes) seen.AddRange((await watch.ReadAsync(default)).Select(change => change.Revision));
            return seen;
        })).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < writes / 4; i++) await _store.WriteAsync(Put(Pod($"{w}-{i}"), 0));
        })));

        foreach (var seen in await Task.WhenAll(readers)) seen.ShouldBe(Enumerable.Range(1, writes).Select(i => (long)i));
    }

    private async Task OpenAsync(StoreOptions options)
    {
        if (_store is not null) await _store.DisposeAsync();
        _store = await ObjectStore.OpenAsync(new MemoryBackend(), Simulation(_clock), options);
    }
}
