using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Configuration;
using k8s.Models;

namespace ActorCluster.Nodes.Volumes;

/// <summary>hostPath's types, on the node's own emulated files (pkg/volume/hostpath/host_path.go). Nothing of the real host is ever seen.</summary>
internal static class HostPaths
{
    /// <exception cref="PodConfigurationException">The path is not what its type asks for.</exception>
    public static void Check(IFileSystem files, V1HostPathVolumeSource source)
    {
        var path = source.Path;
        switch (source.Type ?? "")
        {
            case "" when !files.Exists(path):
            case "DirectoryOrCreate" when !files.Exists(path):
                MakeDirectories(files, path);
                break;
            case "FileOrCreate" when !files.Exists(path):
                // The kubelet makes the file, never its folder.
                using (files.Open(path, FileOpen.Write)) return;
            case "Directory" or "DirectoryOrCreate" when KindOf(files, path) != FileKind.Directory:
                throw new PodConfigurationException($"hostPath type check failed: {path} is not a directory");
            case "File" or "FileOrCreate" when KindOf(files, path) != FileKind.Regular:
                throw new PodConfigurationException($"hostPath type check failed: {path} is not a file");
            case "Socket" or "CharDevice" or "BlockDevice":
                throw new PodConfigurationException($"hostPath type check failed: {path} is not a {source.Type?.ToLowerInvariant()}");
        }
    }

    private static FileKind? KindOf(IFileSystem files, string path) => files.Exists(path) ? files.Stat(path).Kind : null;

    private static void MakeDirectories(IFileSystem files, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 1; i <= parts.Length; i++)
        {
            var prefix = "/" + string.Join('/', parts[..i]);
            if (!files.Exists(prefix)) files.CreateDirectory(prefix);
        }
    }
}
