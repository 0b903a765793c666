using System.Globalization;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>A container's /sys/fs/cgroup: its own control group is the root, as in a control group namespace of its own (cgroup v2).</summary>
internal static class SysFileSystem
{
    public const string ControlGroupPath = "/sys/fs/cgroup";

    public static DirectoryInode ControlGroup(ControlGroup group, ProcessTable processes) => VirtualFiles.Folder(new()
    {
        ["cgroup.controllers"] = Text(() => "cpu memory pids"),
        ["cgroup.procs"] = VirtualFiles.Text(() => string.Concat(processes.List().Select(process => string.Create(CultureInfo.InvariantCulture, $"{process.ProcessId}\n")))),
        ["cgroup.type"] = Text(() => "domain"),
        ["cpu.max"] = Text(() => group.CpuMaximum),
        ["cpu.weight"] = Text(() => group.CpuWeight),
        ["memory.high"] = Text(() => "max"),
        ["memory.low"] = Text(() => "0"),
        ["memory.max"] = Text(() => group.MemoryMaximum),
        ["memory.min"] = Text(() => "0"),
        ["pids.current"] = Text(() => processes.List().Count.ToString(CultureInfo.InvariantCulture)),
        ["pids.max"] = Text(() => "max"),
    });

    private static DeviceInode Text(Func<string> line) => VirtualFiles.Text(() => line() + "\n");
}
