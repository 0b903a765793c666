using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>What comes before a cluster's first process: its folder, its lock, its ports.</summary>
internal static class ClusterPreparation
{
    /// <exception cref="ClusterCommandException">Another command holds it, or the folder can't be written.</exception>
    public static ClusterLock TakeLock(ClusterFolder folder)
    {
        try
        {
            return ClusterLock.TryTake(folder) ?? throw new ClusterCommandException(
                $"Another actorcluster command is working on cluster '{folder.Name}'. Wait for it, or choose another --name.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterCommandException(
                $"The state folder {folder.Path} can't be written: {e.Message} Set ACTORCLUSTER_HOME to a folder of yours.", e);
        }
    }

    /// <exception cref="ClusterCommandException">There is such a cluster, or what is left of one.</exception>
    public static void RefuseIfThere(ClusterFolder folder, ClusterSupervisor supervisor)
    {
        var alive = supervisor.Alive().Count;
        if (alive > 0 && folder.Exists && ControlPlaneOutage.Find(folder) is { } outage)
            throw new ClusterCommandException(
                $"Cluster '{folder.Name}' is there already, and can't be used as it is ({(alive == 1 ? "1 process runs" : $"{alive} processes run")}). {outage.Message} Or take it down first (actorcluster down --name {folder.Name}).");
        if (alive > 0)
            throw new ClusterCommandException(
                $"Cluster '{folder.Name}' is already up ({alive} processes). Use it, take it down first (actorcluster down --name {folder.Name}), or choose another --name.");
        if (folder.ReadCluster() is { WorkerArguments: null } && ControlPlaneOutage.Find(folder) is { } left)
            throw new ClusterCommandException(left.Message);
        if (folder.Exists)
            throw new ClusterCommandException(
                $"Cluster '{folder.Name}' was started before and none of its processes runs any more. Start them again (actorcluster node start all --name {folder.Name}) or remove what is left (actorcluster down --name {folder.Name}).");
    }

    /// <summary>Plans the cluster and writes the plan down. If that fails, the folder is gone again.</summary>
    public static ClusterRecord Write(
        StateRoot root, ClusterOptions options, ClusterFolder folder, RandomSource random, Func<ClusterOptions, ClusterFolder, PortAllocator, ClusterRecord> plan)
    {
        try
        {
            options = options with
            {
                DataFolder = options.DataFolder is { } data ? Path.GetFullPath(data) : null,
                Kubeconfig = options.Kubeconfig is { } kubeconfig ? Path.GetFullPath(kubeconfig) : null,
            };
            if (options.DataFolder is { } wanted)
            {
                RequireWritable(wanted);
                RequireUnused(root, wanted);
            }
            var reserved = root.Clusters().Select(cluster => cluster.ReadCluster()).OfType<ClusterRecord>()
                .SelectMany(cluster => cluster.Processes.Select(process => process.Port).Append(cluster.ApiPort));
            var cluster = plan(options, folder, new PortAllocator(random.Child("ports"), reserved));
            folder.Write(cluster);
            return cluster;
        }
        catch
        {
            folder.Delete();
            throw;
        }
    }

    private static void RequireUnused(StateRoot root, string data)
    {
        using var unused = DataFolderLock.TryTake(data);
        if (unused is not null) return;
        var user = root.Clusters().FirstOrDefault(cluster => cluster.ReadCluster()?.Processes.Any(process => process.Arguments.Contains(RunArguments.Data(data))) == true);
        throw new ClusterCommandException(user is null
            ? $"The data folder {data} is in use by another control plane. End that one, or choose another folder with --data."
            : $"The data folder {data} is in use by cluster '{user.Name}'. Take that one down first (actorcluster down --name {user.Name}), or choose another folder with --data.");
    }

    private static void RequireWritable(string data)
    {
        try
        {
            Directory.CreateDirectory(data);
            var probe = Path.Combine(data, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterCommandException($"The data folder {data} can't be written: {e.Message} Choose another with --data.", e);
        }
    }
}
