using ActorCluster.Api;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static ActorCluster.Store.Tests.Objects;

namespace ActorCluster.Store.Tests;

/// <summary>Random transactions, restarts and watches, against a model that does everything the naive way.</summary>
public sealed class ModelTests
{
    private static readonly string[] Namespaces = ["a", "ab", "b"];
    private static readonly string[] Names = ["x", "x1", "y", "z", "zz"];
    private static readonly string[] Owners = ["o1", "o2", "o3"];

    [Property(MaxTest = 60)]
    public Property The_store_in_memory_behaves_as_the_model() => Holds(static () => new MemoryBackend());

    [Property(MaxTest = 12)]
    public Property The_store_on_sqlite_behaves_as_the_model()
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-model-").FullName;
        var number = 0;
        return Holds(() => new SqliteBackend(Path.Combine(folder, $"{Interlocked.Increment(ref number)}.db")), folder);
    }

    private static Property Holds(Func<IStorageBackend> newBackend, string? folder = null) =>
        Prop.ForAll(Arb.From(Steps), steps =>
        {
            RunAsync(newBackend(), steps).GetAwaiter().GetResult();
            if (folder is null) return;
            foreach (var file in Directory.GetFiles(folder)) File.Delete(file);
        });

    private static Gen<Step[]> Steps
    {
        get
        {
            var key = from resource in Gen.Elements(Pods, Deployments)
                      from ns in Gen.Elements(Namespaces)
                      from name in Gen.Elements(Names)
                      select new ObjectKey(resource, ns, name);
            var owners = Gen.Elements(Owners).ListOf().Select(static list => list.Distinct().ToArray());
            var draft = from at in key
                        from expect in Gen.Choose(0, 5)
                        from delete in Gen.Choose(0, 3)
                        from owned in owners
                        from content in Gen.Choose(0, 99)
                        select new Draft(at, expect, delete == 0, owned, content);
            var write = draft.NonEmptyListOf().Select(static drafts => new Step(drafts.Take(4).ToArray(), false));
            return Gen.Frequency((12, write), (1, Gen.Constant(new Step([], true)))).ArrayOf();
        }
    }

    private static async Task RunAsync(IStorageBackend backend, Step[] steps)
    {
        var options = new StoreOptions { HistoryMaximum = 30 };
        var reopenable = new Reopenable(backend);
        var store = await ObjectStore.OpenAsync(reopenable, Simulation(), options);
        var model = new Model();
        var whole = store.Watch(Pods, null, 0);
        var wholeSeen = 0L;
        foreach (var step in steps)
        {
            if (step.Restart)
            {
                whole.Dispose();
                await store.DisposeAsync();
                store = await ObjectStore.OpenAsync(reopenable, Simulation(), options);
                whole = store.Watch(Pods, null, wholeSeen);
            }
            else
            {
                var mutations = step.Drafts.Select(draft => draft.ToMutation(model)).ToArray();
                var expected = model.Commit(mutations);
                var result = await store.CommitAsync(mutations);
                if (expected is { } conflict) result.ShouldBe(new CommitResult.Conflict(conflict.Key, conflict.Actual));
                else Revisions(result).ShouldBe(model.LastWritten);
            }

            model.ShouldMatch(store.Snapshot);
            wholeSeen = await ReadUpAsync(whole, model, wholeSeen, change => change.Key.Resource == Pods);
            await FreshWatchesShouldMatchAsync(store, model);
        }

        whole.Dispose();
        await store.DisposeAsync();
        await backend.DisposeAsync();
    }

    private static IEnumerable<long> Revisions(CommitResult result) =>
        result.ShouldBeOfType<CommitResult.Committed>().Objects.Select(static stored => stored.Revision);

    /// <summary>From every revision that the history still has, a new watch gives just what the model's log has; before that, 410.</summary>
    private static async Task FreshWatchesShouldMatchAsync(ObjectStore store, Model model)
    {
        foreach (var start in (long[])[0, model.Revision / 2, Math.Max(0, model.Revision - 3), model.Revision])
        {
            try
            {
                using var watch = store.Watch(Pods, "ab", start);
                await ReadUpAsync(watch, model, start, static change => change.Key is { Namespace: "ab" } key && key.Resource == Pods);
            }
            catch (RevisionCompactedException gone)
            {
                gone.Requested.ShouldBe(start);
                gone.Oldest.ShouldBeGreaterThan(start);
                (model.Revision - start).ShouldBeGreaterThan(20);
            }
        }

        Should.Throw<RevisionCompactedException>(() => store.Watch(Pods, null, model.Revision + 1));
    }

    private static async Task<long> ReadUpAsync(IStoreWatch watch, Model model, long after, Func<Logged, bool> wanted)
    {
        var expected = model.Log.Where(entry => entry.Revision > after && wanted(entry)).ToList();
        var read = new List<StoreChange>();
        while (read.Count < expected.Count) read.AddRange(await watch.ReadAsync(default));
        read.Select(static change => new Logged(change.Key, change.Revision, change.Previous?.Revision ?? 0, change.Current is null)).ShouldBe(expected);
        watch.Position.ShouldBe(model.Revision);
        return watch.Position;
    }

    internal sealed record Step(Draft[] Drafts, bool Restart);

    /// <param name="Expect">0: must not exist; 1, 2: the right revision; 3: a wrong one; else: no matter.</param>
    internal sealed record Draft(ObjectKey Key, int Expect, bool IsDelete, string[] Owners, int Content)
    {
        public Mutation ToMutation(Model model)
        {
            var actual = model.Objects.TryGetValue(Key, out var found) ? found.Revision : 0;
            long? expected = Expect switch { 0 => 0, 1 or 2 => actual, 3 => actual + 7, _ => null };
            return IsDelete ? Delete(Key, expected) : Put(Key, expected, $"{Content}", Owners);
        }
    }

    internal sealed record Logged(ObjectKey Key, long Revision, long Previous, bool Deleted);

    internal sealed class Model
    {
        public Dictionary<ObjectKey, (long Revision, string Text, string[] Owners)> Objects { get; private set; } = [];
        public List<Logged> Log { get; private set; } = [];
        public List<long> LastWritten { get; private set; } = [];
        public long Revision { get; private set; }

        public (ObjectKey Key, long Actual)? Commit(Mutation[] mutations)
        {
            var (objects, log, revision) = (new Dictionary<ObjectKey, (long, string, string[])>(Objects), new List<Logged>(Log), Revision);
            foreach (var mutation in mutations)
            {
                var actual = Objects.TryGetValue(mutation.Key, out var found) ? found.Revision : 0;
                if (mutation.ExpectedRevision is { } expected && expected != actual)
                {
                    (Objects, Log, Revision) = (objects, log, revision);
                    return (mutation.Key, actual);
                }

                if (mutation is Mutation.Put put)
                {
                    var text = System.Text.Encoding.UTF8.GetString(RevisionText.Insert(put.Json, ++Revision));
                    Objects[put.Key] = (Revision, text, [.. put.Header.OwnerUids]);
                    Log.Add(new Logged(put.Key, Revision, actual, false));
                }
                else if (actual != 0)
                {
                    Objects.Remove(mutation.Key);
                    Log.Add(new Logged(mutation.Key, ++Revision, actual, true));
                }
            }

            LastWritten = [.. Log.Skip(log.Count).Select(static entry => entry.Revision)];
            return null;
        }

        public void ShouldMatch(IStoreSnapshot snapshot)
        {
            snapshot.Revision.ShouldBe(Revision);
            foreach (var resource in (ResourceName[])[Pods, Deployments])
            {
                var all = Objects.Keys.Where(key => key.Resource == resource).Order().ToList();
                snapshot.List(resource).Select(static stored => stored.Key).ShouldBe(all);
                snapshot.Count(resource).ShouldBe(all.Count);
                foreach (var ns in Namespaces.Append("nowhere"))
                {
                    var here = all.Where(key => key.Namespace == ns).ToList();
                    snapshot.List(resource, ns).Select(static stored => stored.Key).ShouldBe(here);
                    snapshot.Count(resource, ns).ShouldBe(here.Count);
                    var after = new ObjectKey(resource, ns, "x1");
                    snapshot.List(resource, ns, after).Select(static stored => stored.Key).ShouldBe(here.Where(key => key > after));
                    snapshot.List(resource, null, after).Select(static stored => stored.Key).ShouldBe(all.Where(key => key > after));
                }
            }

            foreach (var (key, expected) in Objects)
            {
                var stored = snapshot.Get(key).ShouldNotBeNull();
                (stored.Revision, stored.Text()).ShouldBe((expected.Revision, expected.Text));
                stored.Header.OwnerUids.ShouldBe(expected.Owners);
            }

            foreach (var owner in Owners)
                snapshot.ListOwnedBy(owner).Select(static stored => stored.Key).ShouldBe(Objects.Where(pair => pair.Value.Owners.Contains(owner)).Select(pair => pair.Key).Order());
        }
    }

    /// <summary>A backend that outlives the stores opened on it.</summary>
    private sealed class Reopenable(IStorageBackend backend) : IStorageBackend
    {
        public Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken) => backend.TakeOverAsync(cancellationToken);

        public IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, CancellationToken cancellationToken) =>
            backend.ReadAsync(afterRevision, cancellationToken);

        public Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken) =>
            backend.CommitAsync(epoch, versions, cancellationToken);

        public Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken) => backend.CompactAsync(epoch, revision, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
