using System.Collections.Frozen;

namespace ActorCluster.Containers.FileSystem;

/// <summary>
/// What a container sees below /proc/sys: of the kernel's parameters those that a pod may set (pkg/kubelet/sysctl/safe_sysctls.go), with a new network namespace's and containerd's values where
/// it doesn't. They are shown; the emulated network has its own constants.
/// </summary>
public static class KernelParameters
{
    private static readonly FrozenDictionary<string, string> Settable = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["kernel.shm_rmid_forced"] = "0",
        ["net.ipv4.ip_local_port_range"] = "32768\t60999",
        ["net.ipv4.ip_local_reserved_ports"] = "",
        ["net.ipv4.ip_unprivileged_port_start"] = "0",
        ["net.ipv4.ping_group_range"] = "0\t2147483647",
        ["net.ipv4.tcp_fin_timeout"] = "60",
        ["net.ipv4.tcp_keepalive_intvl"] = "75",
        ["net.ipv4.tcp_keepalive_probes"] = "9",
        ["net.ipv4.tcp_keepalive_time"] = "7200",
        ["net.ipv4.tcp_rmem"] = "4096\t131072\t6291456",
        ["net.ipv4.tcp_syncookies"] = "1",
        ["net.ipv4.tcp_wmem"] = "4096\t16384\t4194304",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a pod may set it, because it has no effect outside the pod.</summary>
    /// <param name="name">Dotted.</param>
    public static bool IsSafe(string name) => Settable.ContainsKey(name);

    /// <summary>Made when somebody looks, which few do.</summary>
    /// <param name="set">What the pod sets, by dotted name.</param>
    internal static DirectoryInode Folder(string hostname, IReadOnlyDictionary<string, string> set) =>
        VirtualFiles.Modes(new VirtualDirectory(self => Make(hostname, set).Names(self), (name, self) => Make(hostname, set).Find(name, self)));

    private static DirectoryInode Make(string hostname, IReadOnlyDictionary<string, string> set)
    {
        var values = new Dictionary<string, string>(Settable, StringComparer.Ordinal)
        {
            ["kernel.hostname"] = hostname,
            ["kernel.osrelease"] = "6.6.0-actorcluster",
            ["kernel.ostype"] = "Linux",
        };
        // A range is written with blanks and read with tabs.
        foreach (var (name, value) in set) values[name] = string.Join('\t', value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return Folder([.. values.Select(parameter => (parameter.Key.Split('.'), parameter.Value))], 0);
    }

    private static DirectoryInode Folder(IReadOnlyCollection<(string[] Path, string Value)> parameters, int depth) => VirtualFiles.Folder(
        parameters.GroupBy(parameter => parameter.Path[depth], StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.First() is var (path, value) && path.Length == depth + 1 ? VirtualFiles.Text(() => value + "\n") : (Inode)Folder([.. group], depth + 1),
            StringComparer.Ordinal));
}
