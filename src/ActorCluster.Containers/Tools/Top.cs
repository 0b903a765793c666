using System.Globalization;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>top: the list of processes, again and again. Emulated programs have no processor time of their own: all of it is idle.</summary>
internal static class Top
{
    public static readonly Tool Tool = new(
        "top", "[-b] [-n COUNT] [-d SECONDS]\n\nShow a view of process activity in real time\n\n\t-b\tBatch mode\n\t-n N\tExit after N iterations\n\t-d SEC\tDelay between updates", RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("bn:d:mH");
        var delay = options.Value('d') is { } d ? ToolContext.Duration(d) : TimeSpan.FromSeconds(5);
        var rounds = options.Value('n') is { } n ? ToolContext.Number(n) : long.MaxValue;
        // Without a terminal there is nothing to draw on: lines, as with -b.
        var screen = !options.Has('b') && ProcessContext.IsTerminal(tool.Process.Stdout);
        for (var round = 0L; round < rounds; round++)
        {
            if (round > 0) await Task.Delay(delay, tool.Clock, tool.Killed);
            if (screen) await tool.Out.WriteAsync("\u001b[H\u001b[J");
            await PrintAsync(tool);
            await tool.Out.FlushAsync();
        }
        return 0;
    }

    private static async ValueTask PrintAsync(ToolContext tool)
    {
        var table = ((ProcessView)tool.Process.Processes).Table;
        var processes = table.List();
        await tool.Out.WriteAsync("Mem: 524288K used, 1572864K free, 0K shrd, 0K buff, 524288K cached\n");
        await tool.Out.WriteAsync("CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n");
        await tool.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"Load average: 0.00 0.00 0.00 1/{processes.Count} {table.LastProcessId}\n"));
        await tool.Out.WriteAsync("  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n");
        foreach (var process in processes)
        {
            var state = process.ProcessId == tool.Process.ProcessId ? 'R' : 'S';
            await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture,
                $"{process.ProcessId,5} {process.ParentId,5} root     {state}     4400   0%   0   0% {string.Join(' ', process.Arguments)}\n"));
        }
    }
}
