using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>A pipeline in the background.</summary>
/// <param name="Number">As in %1.</param>
internal sealed record Job(int Number, IReadOnlyList<IProcess> Processes, string Text)
{
    /// <summary>The process that $! named and whose status counts.</summary>
    public IProcess Last => Processes[^1];

    public bool IsRunning => Processes.Any(p => !p.Exit.IsCompleted);
}

internal sealed class JobTable
{
    private readonly List<Job> _jobs = [];

    public IReadOnlyList<Job> Jobs => _jobs;

    public Job Add(IReadOnlyList<IProcess> processes, string text)
    {
        var number = 1;
        while (_jobs.Exists(j => j.Number == number)) number++;
        var job = new Job(number, processes, text);
        _jobs.Add(job);
        return job;
    }

    public void Remove(Job job) => _jobs.Remove(job);

    /// <summary>Forgets what has ended and was told.</summary>
    public void Trim(int keep)
    {
        var ended = _jobs.Where(j => !j.IsRunning).ToList();
        foreach (var job in ended.Take(Math.Max(0, ended.Count - keep))) _jobs.Remove(job);
    }

    /// <summary>A job by process number or by "%1", "%%", "%+", "%-".</summary>
    public Job? Find(string text)
    {
        if (text.StartsWith('%'))
        {
            var name = text[1..];
            if (name is "" or "%" or "+") return _jobs.LastOrDefault();
            if (name == "-") return _jobs.Count > 1 ? _jobs[^2] : _jobs.LastOrDefault();
            return int.TryParse(name, out var number) ? _jobs.Find(j => j.Number == number) : _jobs.FindLast(j => j.Text.StartsWith(name, StringComparison.Ordinal));
        }
        return int.TryParse(text, out var id) ? _jobs.Find(j => j.Processes.Any(p => p.ProcessId == id)) : null;
    }
}
