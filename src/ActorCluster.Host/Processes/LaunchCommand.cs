namespace ActorCluster.Host.Processes;

/// <summary>How to start this very program again: the executable, and what comes before its own arguments.</summary>
public sealed record LaunchCommand(string Executable, IReadOnlyList<string> Prefix)
{
    /// <summary>
    /// The program that runs now: its own executable as `dotnet run` and `dotnet publish` make it, or `dotnet program.dll`.
    /// </summary>
    public static LaunchCommand Self
    {
        get
        {
            var executable = Environment.ProcessPath ?? throw new InvalidOperationException("The operating system doesn't tell which executable runs.");
            if (!string.Equals(Path.GetFileNameWithoutExtension(executable), "dotnet", StringComparison.OrdinalIgnoreCase)) return new(executable, []);
            var program = Path.Combine(AppContext.BaseDirectory, AppDomain.CurrentDomain.FriendlyName + ".dll");
            return new(executable, [program]);
        }
    }
}
