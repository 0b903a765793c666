namespace ActorCluster.Network.Stack;

/// <summary>One pending accept, connect or receive: decided under the namespace's lock, completed outside it.</summary>
internal sealed class Waiter<T> : IWakeable
{
    private readonly TaskCompletionSource<T> _completion = new();
    private CancellationTokenRegistration _registration;
    private T? _result;
    private Exception? _error;

    public Task<T> Task => _completion.Task;

    /// <summary>True as soon as its outcome is certain, if not yet told.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>Lets the token cancel the wait; <paramref name="onCancelled"/> runs in its callback.</summary>
    public void CancelWith(Action onCancelled, CancellationToken token)
    {
        if (token.CanBeCanceled) _registration = token.UnsafeRegister(static state => ((Action)state!)(), onCancelled);
    }

    public void Decide(T result) => (_result, IsDecided) = (result, true);

    public void Decide(Exception error) => (_error, IsDecided) = (error, true);

    public void Wake()
    {
        _registration.Unregister();
        if (_error is OperationCanceledException cancelled) _completion.TrySetCanceled(cancelled.CancellationToken);
        else if (_error is not null) _completion.TrySetException(_error);
        else _completion.TrySetResult(_result!);
    }
}
