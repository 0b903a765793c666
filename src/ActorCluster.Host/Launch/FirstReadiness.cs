using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>
/// Watches a new cluster's processes by what they write down, until the control plane serves the API, all nodes are Ready by it and the add-ons are there. Asking the API would tell
/// the same, for a tenth of the processor time of a whole start: the code for HTTPS would be prepared at both ends, by processes that share few cores with those that start.
/// </summary>
/// <param name="changed">Called with the nodes that are still missing when the API answers, and whenever they change.</param>
internal sealed class FirstReadiness(ClusterFolder folder, ClusterRecord cluster, TimeProvider clock, Action<IReadOnlyList<string>> changed)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly HashSet<string> _serving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTime Written, long Length)> _read = new(StringComparer.Ordinal);

    /// <summary>The API has been there at least.</summary>
    public bool ApiAnswers => cluster.Processes.Any(process => process.Role == ProcessRole.ControlPlane && _serving.Contains(process.Name));

    /// <summary>The nodes of processes that haven't all of theirs Ready.</summary>
    public IReadOnlyList<string> Missing => [.. cluster.Processes.Where(process => !_serving.Contains(process.Name)).SelectMany(process => process.Nodes)];

    /// <summary>Goes on for ever if a process never serves: cancel it.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Look() && ApiAnswers) changed(Missing);
            if (_serving.Count == cluster.Processes.Count && File.Exists(folder.Complete)) return;
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    /// <returns>Whether something has changed.</returns>
    private bool Look()
    {
        var before = _serving.Count;
        foreach (var process in cluster.Processes)
            if (!_serving.Contains(process.Name) && IsNews(process.Name) && folder.ReadProcess(process.Name) is { Serving: true })
                _serving.Add(process.Name);
        return _serving.Count > before;
    }

    /// <summary>The record's file isn't the one that was read last: reading it over and over would take from those that start.</summary>
    private bool IsNews(string process)
    {
        var written = folder.ProcessWritten(process);
        if (_read.TryGetValue(process, out var read) && read == written) return false;
        _read[process] = written;
        return true;
    }
}
