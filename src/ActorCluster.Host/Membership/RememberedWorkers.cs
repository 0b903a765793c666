using System.Collections.Immutable;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Membership;

/// <summary>
/// The workers that were members of the Akka cluster, in a file that the control plane keeps with its data: where to look for a living cluster when it comes back and
/// nobody has told it which workers there are, since they came by themselves.
/// </summary>
internal sealed class RememberedWorkers(string folder)
{
    private const string FileName = "workers";
    private readonly string _file = Path.Combine(folder, FileName);

    /// <summary>As last written; lines that are no endpoint are passed over.</summary>
    public IReadOnlyList<ProcessEndpoint> Read()
    {
        if (!File.Exists(_file)) return [];
        var workers = ImmutableArray.CreateBuilder<ProcessEndpoint>();
        foreach (var line in File.ReadLines(_file))
        {
            if (ProcessEndpoint.TryParse(line, out var worker)) workers.Add(worker);
        }
        return workers.DrainToImmutable();
    }

    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Write(IEnumerable<ProcessEndpoint> workers)
    {
        Directory.CreateDirectory(folder);
        var draft = _file + ".new";
        File.WriteAllLines(draft, workers.Select(worker => worker.ToString()).Order(StringComparer.Ordinal));
        File.Move(draft, _file, overwrite: true);
    }
}
