using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using ActorCluster.Store.Backends;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Writing;

/// <summary>
/// The one writer: takes all transactions that wait, checks each against the state that those before it lead to, writes them in one
/// transaction of the backend, publishes the new state, and answers all.
/// </summary>
/// <remarks>
/// A loop and not an actor: a caller awaits its answer as a task anyway, so that an actor would only add a hop and a second queue. Where the backend has nothing to wait for, callers
/// write one after another themselves, and there is no hop at all.
/// After a failed write nobody knows what the backend has; the loop reads it again before it writes anything else.
/// </remarks>
internal sealed class StoreWriter
{
    private const int CompactionStep = 1_000;
    private const string Closed = "the store has been closed";

    private readonly IStorageBackend _backend;
    private readonly long _epoch;
    private readonly StoreState _state;
    private readonly StoreOptions _options;
    private readonly SimulationContext _simulation;
    private readonly StringPool _pool;
    private readonly Channel<PendingCommit> _queue;
    private readonly Task _loop;
    private readonly Lock _turn = new();
    private bool _closed;
    private WriterReplacedException? _replaced;
    private bool _backendUncertain;
    private long _backendCompacted;
    private volatile string? _fault;

    public StoreWriter(IStorageBackend backend, StorageHead head, StoreState state, StoreOptions options, SimulationContext simulation, StringPool pool)
    {
        _backend = backend;
        _epoch = head.Epoch;
        _backendCompacted = head.CompactedRevision;
        _state = state;
        _options = options;
        _simulation = simulation;
        _pool = pool;
        _queue = Channel.CreateBounded<PendingCommit>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        _loop = backend.IsImmediate ? Task.CompletedTask : simulation.Start(RunAsync);
    }

    /// <summary>Why the last write failed; null if it didn't.</summary>
    public string? Fault => _fault;

    /// <summary>Transactions of the backend so far: with the commits, how well they are grouped.</summary>
    public long BatchesWritten { get; private set; }

    public Task<CommitResult> CommitAsync(PendingCommit commit, CancellationToken cancellationToken) =>
        _backend.IsImmediate ? CommitAtOnce(commit) : QueueAsync(commit, cancellationToken);

    /// <summary>Carries out what waits, then ends.</summary>
    public async Task CloseAsync()
    {
        lock (_turn) _closed = true;
        _queue.Writer.TryComplete();
        await _loop;
    }

    private Task<CommitResult> CommitAtOnce(PendingCommit commit)
    {
        lock (_turn)
        {
            if (_closed) commit.Fail(new StoreUnavailableException(Closed));
            else if (commit.IsWanted)
            {
                AnswerAsync([commit]).GetAwaiter().GetResult();
                CompactIfDueAsync().GetAwaiter().GetResult();
            }
        }

        return commit.Done;
    }

    private async Task<CommitResult> QueueAsync(PendingCommit commit, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(commit, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException(Closed);
        }

        return await commit.Done;
    }

    private async Task RunAsync()
    {
        var batch = new List<PendingCommit>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            TakeBatch(batch);
            if (batch.Count == 0) continue;
            await AnswerAsync(batch);
            await CompactIfDueAsync();
            batch.Clear();
        }
    }

    private void TakeBatch(List<PendingCommit> batch)
    {
        var mutations = 0;
        while (mutations < _options.BatchMutations && _queue.Reader.TryRead(out var commit))
        {
            if (!commit.IsWanted) continue;
            batch.Add(commit);
            mutations += commit.Mutations.Count;
        }
    }

    private async Task AnswerAsync(List<PendingCommit> batch)
    {
        try
        {
            if (_replaced is not null) throw _replaced;
            if (_backendUncertain) await CatchUpAsync();
            var builder = new SnapshotBuilder(_state.Snapshot);
            var answers = batch.ConvertAll(commit => Decide(builder, commit));
            if (builder.Changes.Count > 0) await WriteAsync(builder);
            foreach (var (commit, result) in answers) if (result is not null) commit.Answer(result);
        }
        catch (WriterReplacedException e)
        {
            _replaced = e;
            _fault = e.Message;
            foreach (var commit in batch) commit.Fail(new StoreUnavailableException(e.Message, e));
        }
        catch (Exception e)
        {
            _backendUncertain = true;
            _fault = e.Message;
            _simulation.ReportFault("writing to the store", e);
            foreach (var commit in batch) commit.Fail(new StoreUnavailableException($"the store can't be written: {e.Message}", e));
        }
    }

    /// <returns>No result if the transaction itself is faulty; its caller has been told.</returns>
    private (PendingCommit Commit, CommitResult? Result) Decide(SnapshotBuilder builder, PendingCommit commit)
    {
        try
        {
            return (commit, builder.TryApply(commit.Mutations, _pool));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            commit.Fail(e);
            return (commit, null);
        }
    }

    private async Task WriteAsync(SnapshotBuilder builder)
    {
        var versions = builder.Changes
            .Select(static change => new StoredVersion(change.Revision, change.Previous?.Revision ?? 0, change.Key, change.Current))
            .ToList();
        await _backend.CommitAsync(_epoch, versions, CancellationToken.None);
        BatchesWritten++;
        _fault = null;
        _state.Publish(builder);
    }

    /// <summary>A write failed half-way: if it did reach the backend after all, readers learn of it now.</summary>
    private async Task CatchUpAsync()
    {
        var builder = new SnapshotBuilder(_state.Snapshot);
        await foreach (var version in _backend.ReadAsync(builder.Revision, CancellationToken.None)) builder.Apply(version);
        if (builder.Changes.Count > 0) _state.Publish(builder);
        _backendUncertain = false;
    }

    private async Task CompactIfDueAsync()
    {
        var target = Math.Min(_state.History.Compacted, _backendCompacted + 2 * CompactionStep);
        if (target < _backendCompacted + CompactionStep || _replaced is not null || _backendUncertain) return;
        try
        {
            await _backend.CompactAsync(_epoch, target, CancellationToken.None);
            _backendCompacted = target;
        }
        catch (WriterReplacedException e)
        {
            _replaced = e;
        }
        catch (StorageException e)
        {
            _simulation.ReportFault("compacting the store", e);
        }
    }
}
