namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that has captures read by Wireshark's tshark.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TsharkFactAttribute : FactAttribute
{
    public TsharkFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "tshark.exe" : "tshark"))))
            Skip = "It needs `tshark` (Wireshark's), which is not on the PATH.";
    }
}
