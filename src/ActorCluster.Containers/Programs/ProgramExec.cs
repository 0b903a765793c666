using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs;

/// <summary>execve(2) for programs that end as another one, such as an image's entrypoint.</summary>
internal static class ProgramExec
{
    /// <returns>The exit code, which the caller must return as its own.</returns>
    public static async Task<int> ExecuteAsync(ProcessContext context, ProcessSpec spec)
    {
        var view = (ProcessView)context.Processes;
        var found = view.Table.Container.Executables.Find(spec.Arguments[0], spec.Environment.GetValueOrDefault("PATH", ""), spec.WorkingDirectory);
        if (found.Fault == ExecutableFault.None) return await context.Self!.ExecuteAsync(found.Program!, found.Complete(spec));
        await context.PrintErrorAsync($"{context.Arguments[0]}: {found.Describe(spec.Arguments[0])}\n");
        return found.Fault == ExecutableFault.NotFound ? 127 : 126;
    }
}
