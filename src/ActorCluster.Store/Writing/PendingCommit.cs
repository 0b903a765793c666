using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Writing;

/// <summary>A caller's transaction on its way through the writer.</summary>
internal sealed class PendingCommit(IReadOnlyList<Mutation> mutations, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<CommitResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Mutation> Mutations { get; } = mutations;

    public Task<CommitResult> Done => _done.Task;

    /// <summary>Leaves out what nobody waits for any more; from here on it is carried out.</summary>
    public bool IsWanted => !cancellation.IsCancellationRequested || !_done.TrySetCanceled(cancellation);

    public void Answer(CommitResult result) => _done.TrySetResult(result);

    public void Fail(Exception fault) => _done.TrySetException(fault);
}
