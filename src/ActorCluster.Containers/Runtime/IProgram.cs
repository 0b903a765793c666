namespace ActorCluster.Containers.Runtime;

/// <summary>
/// One emulated executable: an async function on a <see cref="ProcessContext"/>. It runs until it returns its exit code. A signal that it
/// does not handle cancels <see cref="ProcessContext.Killed"/>; the process then counts as ended by that signal whatever the program does.
/// </summary>
public interface IProgram
{
    /// <returns>The exit code, 0 to 255.</returns>
    Task<int> RunAsync(ProcessContext context);
}

/// <summary>The simplest way to write one.</summary>
public sealed class DelegateProgram(Func<ProcessContext, Task<int>> run) : IProgram
{
    public Task<int> RunAsync(ProcessContext context) => run(context);
}
