using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands;

/// <summary>What helps a cluster of which something is amiss: a sentence with a command for each.</summary>
internal static class StatusHints
{
    public static IEnumerable<string> Of(ClusterFolder folder, ClusterRecord cluster)
    {
        var outage = ControlPlaneOutage.Find(folder);
        if (outage is not null) yield return outage.Message;
        if (cluster.WorkerArguments is null) yield break;
        var lives = folder.ReadProcesses().Where(process => process.Identity.IsAlive).ToDictionary(process => process.Name);
        // Those that the first sentence is about already.
        var workers = cluster.Processes.Where(process => process.Role == ProcessRole.Worker).Select(process => process.Name).ToList();
        var gone = lives.Count == 0 ? [] : workers.Where(name => !lives.ContainsKey(name)).ToList();
        if (gone is [var one]) yield return $"{one} does not run. Start it again: `{folder.Command($"node start {one}")}`.";
        else if (gone.Count > 1) yield return $"{string.Join(", ", gone)} do not run. Start them again: `{folder.Command("node start all")}`.";
        foreach (var name in workers.Where(name => lives.TryGetValue(name, out var life) && life.Identity.IsPaused is true))
            yield return $"{name} is paused. Let it go on: `{folder.Command($"node resume {name}")}`.";
        foreach (var name in cluster.Processes.Select(process => process.Name).Where(name => folder.ReadCuts(name).Count > 0))
            yield return $"{name} is cut off. Join it to the others again: `{folder.Command($"node heal {name}")}`.";
    }
}
