using System.Collections.Immutable;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Configuration;
using k8s.Models;

namespace ActorCluster.Nodes.Volumes;

/// <summary>
/// The files that a node has of its own, for pods that look at it through a hostPath (`kubectl debug node/...` at /host). There is no operating system
/// behind them: they are what the emulator knows of the node.
/// </summary>
/// <param name="Started">What a container engine gives its container whenever it starts: by path, with their contents.</param>
/// <param name="Installed">What is there from the beginning, and the node's to change.</param>
internal sealed record NodeFiles(ImmutableSortedDictionary<string, string> Started, ImmutableSortedDictionary<string, string> Installed)
{
    public static readonly NodeFiles None = new(ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, string>.Empty);

    private const int SharedPermissions = 0b001_111_111_111;

    private static readonly ImmutableArray<string> Folders = ["/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/var", "/var/lib", "/var/lib/kubelet", "/var/log", "/var/log/containers", "/var/log/pods"];

    /// <param name="addresses">The node's.</param>
    public static NodeFiles Of(string node, ImmutableArray<string> addresses)
    {
        // Upstream's word for what a pod of the node's own network with the policy Default gets.
        var resolver = PodDns.ResolvConf(new V1PodSpec { HostNetwork = true, DnsPolicy = "Default" }, "default");
        return new(
            ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            [
                KeyValuePair.Create("/etc/hostname", node + "\n"),
                KeyValuePair.Create("/etc/hosts", PodHosts.NodeFile(node, addresses)),
                KeyValuePair.Create("/etc/resolv.conf", resolver),
            ]),
            ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            [
                KeyValuePair.Create("/etc/machine-id", NodeObject.MachineId(node) + "\n"),
                KeyValuePair.Create("/etc/motd",
                    $"Node {node} is emulated. These are its own files: what hostPath volumes write and read, and local volumes.\n"
                    + $"Its pods' logs: kubectl get --raw /api/v1/nodes/{node}/proxy/logs/\n"),
                KeyValuePair.Create("/etc/os-release", $"NAME=\"{NodeObject.OsImage}\"\nID=actorcluster\nPRETTY_NAME=\"{NodeObject.OsImage}\"\n"),
            ]));
    }

    /// <summary>Puts them there, as at a start of the node.</summary>
    /// <exception cref="FileFaultException">The disk is full, or closed.</exception>
    public void Provide(IFileSystem files)
    {
        if (Started.IsEmpty && Installed.IsEmpty) return;
        foreach (var folder in Folders)
            if (!files.Exists(folder)) files.CreateDirectory(folder, folder == "/tmp" ? SharedPermissions : 0b111_101_101);
        foreach (var (path, content) in Installed)
            if (!files.Exists(path)) Write(files, path, content);
        foreach (var (path, content) in Started) Write(files, path, content);
    }

    private static void Write(IFileSystem files, string path, string content)
    {
        using var stream = files.Open(path, FileOpen.Write);
        stream.Write(Encoding.UTF8.GetBytes(content));
    }
}
