using ActorCluster.Containers.Runtime;

namespace ActorCluster.Nodes.Volumes;

/// <summary>What a hostPath shows of the folders of logs in its node's /var/log, which are no files of the node's disk here. Pure.</summary>
internal static class LogMounts
{
    private const string Logs = "/var/log";

    private static readonly string[] Folders = [Logs + "/containers", Logs + "/pods"];

    /// <param name="mount">Of the node's own files.</param>
    /// <param name="logs">Both folders, at its root.</param>
    /// <returns>The mount itself, and what lies over it; or what takes its place.</returns>
    public static IEnumerable<VolumeMount> Of(VolumeMount mount, IVolume logs)
    {
        var path = "/" + mount.SubPath.Trim('/');
        if (Array.Exists(Folders, folder => IsAtOrBelow(path, folder)))
        {
            yield return new VolumeMount(mount.MountPath, logs, path[Logs.Length..].Trim('/'), ReadOnly: true);
            yield break;
        }
        yield return mount;
        foreach (var folder in Folders.Where(folder => IsAtOrBelow(folder, path)))
        {
            var below = path == "/" ? folder : folder[path.Length..];
            yield return new VolumeMount(mount.MountPath.TrimEnd('/') + below, logs, folder[Logs.Length..].Trim('/'), ReadOnly: true);
        }
    }

    private static bool IsAtOrBelow(string path, string folder) => folder == "/" || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
