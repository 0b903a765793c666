using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost pause: waits for a signal, and leaves a termination message.</summary>
internal static class PauseCommand
{
    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var process = agnhost.Process;
        await process.PrintAsync("Paused\n");
        var ended = new TaskCompletionSource<(string Name, int Code)>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Signals.Handle(Signals.Interrupt, () => ended.TrySetResult(("interrupt", 1)));
        process.Signals.Handle(Signals.Terminate, () => ended.TrySetResult(("terminated", 2)));
        await process.PrintAsync("Signals registered\n");
        var (name, code) = await ended.Task.WaitAsync(process.Killed);
        var message = $"exiting because of signal \"{name}\"\n";
        await WriteAsync(process, process.Environment.GetValueOrDefault("TERMINATION_MESSAGE_PATH", "/dev/termination-log"), message);
        await process.PrintAsync(message);
        return code;
    }

    private static async Task WriteAsync(ProcessContext process, string path, string message)
    {
        try
        {
            await using var file = new StreamWriter(process.Files.Open(process.FullPath(path), FileOpen.Write));
            await file.WriteAsync(message);
        }
        catch (FileFaultException)
        {
            return; // The same message is on standard output, where FallbackToLogsOnError finds it.
        }
    }
}
