using System.Runtime.InteropServices;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>A test in which the Linux kernel is the other side: it needs root, a TUN device and iproute2's `ip`.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute() => Skip = Missing;

    /// <summary>Why it can't run here; null if it can.</summary>
    internal static string? Missing { get; } = Find();

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux()) return "The other side of this test is the Linux kernel, and this is another system.";
        if (Environment.UserName != "root") return "It makes a network namespace and a TUN device in it, which takes root.";
        if (!File.Exists("/dev/net/tun")) return "It needs the TUN device /dev/net/tun, which this kernel doesn't have.";
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64)) return "It knows the system calls of x64 and arm64 only.";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Any(folder => File.Exists(Path.Combine(folder, "ip"))) ? null : "It configures its TUN device with iproute2's `ip`, which is not on the PATH.";
    }
}

/// <summary>The same, once for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute() => Skip = KernelFactAttribute.Missing;
}
