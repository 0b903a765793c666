using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>One applet of busybox.</summary>
/// <param name="Usage">Its arguments, and below them what it does.</param>
internal sealed record Tool(string Name, string Usage, Func<ToolContext, Task<int>> Run) : IProgram
{
    public const string Banner = "BusyBox v1.37.0 (ActorCluster) multi-call binary.";

    /// <summary>The exit code of a wrong call; grep, sort and the like have another than 1.</summary>
    public int UsageStatus { get; init; } = 1;

    /// <summary>Whether a file that can't be opened is named alone: "wc: x: No such file or directory", not "cat: can't open 'x': ...".</summary>
    public bool TerseErrors { get; init; }

    /// <summary>Whether it sees "--help" itself, as echo and test do.</summary>
    public bool TakesHelp { get; init; }

    public async Task<int> RunAsync(ProcessContext context)
    {
        var tool = new ToolContext(this, context, context.Arguments);
        int status;
        try
        {
            if (!TakesHelp && context.Arguments.Count == 2 && context.Arguments[1] == "--help") throw new UsageException(null, 0);
            status = await Run(tool);
        }
        catch (UsageException fault)
        {
            await tool.Out.FlushAsync();
            if (fault.Detail is not null) await tool.WarnAsync(fault.Detail);
            await tool.WriteErrorAsync($"{Banner}\n\nUsage: {Name} {Usage}\n");
            return fault.Status ?? UsageStatus;
        }
        catch (IOException fault) when (fault is not (BrokenPipeException or FileSystem.FileFaultException))
        {
            await tool.WarnAsync($"read error: {fault.Message}");
            return 1;
        }
        catch (ToolException fault)
        {
            await tool.Out.FlushAsync();
            if (fault.HasMessage) await tool.WarnAsync(fault.Message);
            return fault.Status;
        }
        await tool.Out.FlushAsync();
        return status;
    }
}

/// <summary>Called in a way that its usage doesn't have.</summary>
internal sealed class UsageException(string? detail = null, int? status = null) : Exception(detail)
{
    public string? Detail { get; } = detail;
    public int? Status { get; } = status;
}

/// <summary>The tool can't go on: "name: message".</summary>
/// <param name="message">Null if it has been said.</param>
internal sealed class ToolException(string? message, int status = 1) : Exception(message)
{
    public bool HasMessage { get; } = message is not null;
    public int Status { get; } = status;
}
