namespace ActorCluster.Host.State;

/// <summary>The folder that holds one folder a cluster.</summary>
public sealed record StateRoot(string Path)
{
    /// <summary>$ACTORCLUSTER_HOME, else $XDG_STATE_HOME/actorcluster, else ~/.local/state/actorcluster (XDG Base Directory Specification 0.8).</summary>
    public static StateRoot FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("ACTORCLUSTER_HOME") is { Length: > 0 } home) return new(System.IO.Path.GetFullPath(home));
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        // The specification: a relative path in the variable is invalid and to be ignored.
        if (string.IsNullOrEmpty(state) || !System.IO.Path.IsPathRooted(state))
            state = System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return new(System.IO.Path.Combine(state, "actorcluster"));
    }

    public ClusterFolder Cluster(string name) => new(System.IO.Path.Combine(Path, name), name);

    /// <summary>The clusters that have a folder here, running or not, by name.</summary>
    public IReadOnlyList<ClusterFolder> Clusters()
    {
        if (!Directory.Exists(Path)) return [];
        return [.. Directory.EnumerateDirectories(Path)
            .Select(folder => Cluster(System.IO.Path.GetFileName(folder)))
            .Where(cluster => cluster.Exists)
            .OrderBy(cluster => cluster.Name, StringComparer.Ordinal)];
    }
}
