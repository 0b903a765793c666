namespace ActorCluster.Store.Backends;

/// <summary>
/// A thread of its own for blocking calls, one after another: a disk that takes its time then holds up nobody of the thread pool, which on
/// a small machine has hardly more threads than the machine has cores.
/// </summary>
internal sealed class SerialThread : IAsyncDisposable
{
    /// <summary>What waits; also the lock. The library's collections for this spin before they sleep, which on a small machine takes the processor from those who would bring work.</summary>
    private readonly Queue<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private bool _disposed;

    public SerialThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs it on the thread; whoever awaits it goes on elsewhere.</summary>
    public Task<T> RunAsync<T>(Func<T> work) => QueueAsync(work, TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs it on the thread, at once if that is where the caller is; whoever awaits it goes on there. For a loop whose next call is at hand when the last one is done.</summary>
    public Task<T> RunAndStayAsync<T>(Func<T> work)
    {
        if (Thread.CurrentThread != _thread) return QueueAsync(work, TaskCreationOptions.None);
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception fault)
        {
            return Task.FromException<T>(fault);
        }
    }

    private Task<T> QueueAsync<T>(Func<T> work, TaskCreationOptions options)
    {
        var done = new TaskCompletionSource<T>(options);
        Queue(() =>
        {
            T result;
            try
            {
                result = work();
            }
            catch (Exception fault)
            {
                done.SetException(fault);
                return;
            }
            done.SetResult(result);
        });
        return done.Task;
    }

    /// <summary>Runs what waits, then ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_work)
        {
            _disposed = true;
            Monitor.Pulse(_work);
        }
        await _ended.Task;
    }

    private void Queue(Action work)
    {
        lock (_work)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _work.Enqueue(work);
            Monitor.Pulse(_work);
        }
    }

    private void Run()
    {
        while (Next() is { } work) work();
        _ended.SetResult();
    }

    /// <summary>Null: nothing more will come.</summary>
    private Action? Next()
    {
        lock (_work)
        {
            while (_work.Count == 0)
            {
                if (_disposed) return null;
                Monitor.Wait(_work);
            }
            return _work.Dequeue();
        }
    }
}
