namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that needs a terminal; util-linux's script(1) makes one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!OperatingSystem.IsLinux() || !folders.Any(folder => File.Exists(Path.Combine(folder, "script"))))
            Skip = "It needs a terminal, and makes one with `script` of util-linux, which is not on the PATH.";
    }
}
