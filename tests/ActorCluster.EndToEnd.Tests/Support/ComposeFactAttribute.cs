using System.ComponentModel;
using System.Diagnostics;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that runs docker-compose.yml: on Linux, with Docker's engine running and its Compose plugin, version 2.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ComposeFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(FindMissing);

    public ComposeFactAttribute() => Skip = Missing.Value;

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux()) return "It makes its base image of this machine's own programs, and needs Linux for that.";
        if (!Succeeds("docker", "info")) return "It needs Docker's engine, and `docker info` reaches none.";
        return Succeeds("docker", "compose", "version") ? null : "It needs Docker's Compose plugin, and `docker compose version` fails.";
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // there is no such program
        }
    }
}
