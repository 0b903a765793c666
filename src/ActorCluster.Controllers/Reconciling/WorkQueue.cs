namespace ActorCluster.Controllers.Reconciling;

/// <summary>
/// Which keys wait, and which are being worked on: a key waits at most once, is never worked on twice at a time, and a key that
/// changes while it is worked on waits again afterwards. By k8s.io/client-go/util/workqueue/queue.go.
/// </summary>
/// <remarks>Owned by one actor; not safe for concurrent use.</remarks>
internal sealed class WorkQueue
{
    private readonly Queue<string> _waiting = new();
    private readonly HashSet<string> _dirty = [];
    private readonly HashSet<string> _processing = [];

    public int Waiting => _waiting.Count;
    public int Processing => _processing.Count;
    public bool IsIdle => _dirty.Count == 0 && _processing.Count == 0;

    public void Add(string key)
    {
        if (!_dirty.Add(key)) return;
        if (!_processing.Contains(key)) _waiting.Enqueue(key);
    }

    public bool TryTake(out string key)
    {
        if (!_waiting.TryDequeue(out key!)) return false;
        _dirty.Remove(key);
        _processing.Add(key);
        return true;
    }

    public void Done(string key)
    {
        _processing.Remove(key);
        if (_dirty.Contains(key)) _waiting.Enqueue(key);
    }
}
