using System.Globalization;
using ActorCluster.Containers.Runtime;
using static ActorCluster.Containers.FileSystem.VirtualFiles;

namespace ActorCluster.Containers.FileSystem;

/// <summary>A directory made up when it is looked at.</summary>
internal sealed class VirtualDirectory(Func<int, IEnumerable<string>> names, Func<string, int, Inode?> find) : DirectoryInode
{
    public override bool IsVirtual => true;
    public override Inode? Find(string name, int self) => find(name, self);
    public override IEnumerable<string> Names(int self) => names(self);
}

/// <summary>A container's /proc: its own processes, and of the machine only what is the same for every container.</summary>
internal static class ProcFileSystem
{
    public static DirectoryInode Create(ProcessTable processes, DirectoryInode sys, TimeProvider clock, ControlGroup? group, Func<string> mounts)
    {
        var started = clock.GetTimestamp();
        Dictionary<string, Inode> fixedEntries = new(StringComparer.Ordinal)
        {
            ["cpuinfo"] = Text(() => "processor\t: 0\nmodel name\t: ActorCluster emulated processor\ncpu cores\t: 1\n\n"),
            ["loadavg"] = Text(() => string.Create(CultureInfo.InvariantCulture, $"0.00 0.00 0.00 1/{processes.List().Count} {processes.LastProcessId}\n")),
            ["meminfo"] = Text(() => "MemTotal:        2097152 kB\nMemFree:         1048576 kB\nMemAvailable:    1572864 kB\nBuffers:               0 kB\nCached:           524288 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n"),
            ["mounts"] = new LinkInode("self/mounts"),
            ["self"] = new LinkInode(self => self == 0 ? "1" : self.ToString(CultureInfo.InvariantCulture)) { Permissions = 0b111_111_111 },
            ["uptime"] = Text(() =>
            {
                var up = clock.GetElapsedTime(started).TotalSeconds;
                return string.Create(CultureInfo.InvariantCulture, $"{up:F2} {up:F2}\n");
            }),
            ["version"] = Text(() => "Linux version 6.6.0-actorcluster (ActorCluster) #1 SMP\n"),
            ["sys"] = sys,
        };
        return Modes(new VirtualDirectory(
            _ => processes.List().Select(p => p.ProcessId.ToString(CultureInfo.InvariantCulture)).Concat(fixedEntries.Keys.Order(StringComparer.Ordinal)),
            (name, _) => fixedEntries.TryGetValue(name, out var entry) ? entry
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && processes.Find(id) is { } process ? ProcessFolder(process, processes.Container, group, mounts)
                : null));
    }

    private static DirectoryInode ProcessFolder(Process process, Container container, ControlGroup? group, Func<string> mounts) => Folder(new()
    {
        ["cgroup"] = Text(() => "0::/\n"),
        ["cmdline"] = Text(() => string.Concat(process.Arguments.Select(a => a + "\0"))),
        ["comm"] = Text(() => process.Name + "\n"),
        ["cwd"] = new LinkInode(process.WorkingDirectory),
        ["environ"] = Text(() => string.Concat(process.StartEnvironment.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}={e.Value}\0"))),
        ["fd"] = Folder(new()
        {
            ["0"] = Stream(() => new StandardStream(process.Stdin, null)),
            ["1"] = Stream(() => new StandardStream(null, process.Stdout)),
            ["2"] = Stream(() => new StandardStream(null, process.Stderr)),
        }),
        ["mounts"] = Text(mounts),
        ["oom_score_adj"] = Text(() => string.Create(CultureInfo.InvariantCulture, $"{group?.OomScoreAdjustment ?? 0}\n")),
        ["stat"] = Text(() => string.Create(CultureInfo.InvariantCulture, $"{process.ProcessId} ({process.Name}) S {process.ParentId} {process.Group} {process.Group} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n")),
        ["status"] = Text(() => string.Create(CultureInfo.InvariantCulture,
            $"Name:\t{process.Name}\nState:\tS (sleeping)\nTgid:\t{process.ProcessId}\nPid:\t{process.ProcessId}\nPPid:\t{process.ParentId}\n{Identity(container.User, process.User)}Threads:\t1\nNoNewPrivs:\t{(container.NoNewPrivileges ? 1 : 0)}\nCpus_allowed:\t1\nCpus_allowed_list:\t0\n")),
    });

    /// <summary>Real, effective, saved and the file system's (proc_pid_status(5)).</summary>
    private static string Identity(ProcessUser real, ProcessUser user) => string.Create(CultureInfo.InvariantCulture,
        $"Uid:\t{real.UserId}\t{user.UserId}\t{user.UserId}\t{user.UserId}\nGid:\t{real.GroupId}\t{user.GroupId}\t{user.GroupId}\t{user.GroupId}\nGroups:\t{string.Join(' ', user.Groups)} \n");

    private static DeviceInode Stream(Func<Stream> open) => new(FileKind.Device, _ => open()) { Permissions = 0b110_000_000, Modified = ImageLayer.Built };
}
