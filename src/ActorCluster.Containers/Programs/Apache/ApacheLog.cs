using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Apache;

/// <summary>httpd's access log and error log: the container's own output, or files.</summary>
internal sealed class ApacheLog(ProcessContext context, ApacheConfiguration configuration)
{
    /// <summary>"[Mon Nov 23 09:18:16.000000 2026] [core:notice] [pid 1:tid 1] AH00094: ...".</summary>
    public Task WriteErrorAsync(string module, string message)
    {
        var time = context.Clock.GetUtcNow().ToString("ddd MMM dd HH:mm:ss.ffffff yyyy", CultureInfo.InvariantCulture);
        return WriteAsync(configuration.ErrorLog, string.Create(CultureInfo.InvariantCulture, $"[{time}] [{module}] [pid {context.ProcessId}:tid {context.ProcessId}] {message}\n"));
    }

    /// <summary>The common log format: client, time, request, status, bytes.</summary>
    public Task WriteAccessAsync(string client, DateTimeOffset time, string request, int status, long bytes) => WriteAsync(
        configuration.AccessLog,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{client} - - [{time.UtcDateTime:dd/MMM/yyyy:HH:mm:ss} +0000] \"{request}\" {status} {(bytes == 0 ? "-" : bytes.ToString(CultureInfo.InvariantCulture))}\n"));

    /// <summary>A line is one write, so that lines of several requests don't mix.</summary>
    private async Task WriteAsync(string path, string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        try
        {
            if (path is "/proc/self/fd/1" or "/dev/stdout") await context.Stdout.WriteAsync(bytes, context.Killed);
            else if (path is "/proc/self/fd/2" or "/dev/stderr") await context.Stderr.WriteAsync(bytes, context.Killed);
            else
            {
                await using var file = context.Files.Open(path, FileOpen.Append);
                await file.WriteAsync(bytes, context.Killed);
            }
        }
        catch (Exception fault) when (fault is BrokenPipeException or FileFaultException)
        {
            return; // A server goes on when nobody reads its log or the disk is full.
        }
    }
}
