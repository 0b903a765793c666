using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell.Builtins;

/// <param name="IsSpecial">By XCU 2.14: found before functions, its assignments stay, its errors end a script.</param>
internal sealed record Builtin(string Name, bool IsSpecial, Func<Interpreter, IReadOnlyList<string>, ValueTask<int>> Run);

/// <summary>The commands that run in the shell's own process.</summary>
internal static class BuiltinTable
{
    private static readonly Dictionary<string, Builtin> All = Create().ToDictionary(b => b.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => All.Keys.Order(StringComparer.Ordinal);

    public static Builtin? Find(string name) => All.GetValueOrDefault(name);

    private static IEnumerable<Builtin> Create() =>
    [
        new(":", true, (_, _) => new(0)),
        new(".", true, ControlBuiltins.DotAsync),
        new("source", true, ControlBuiltins.DotAsync),
        new("break", true, ControlBuiltins.BreakAsync),
        new("continue", true, ControlBuiltins.BreakAsync),
        new("eval", true, ControlBuiltins.EvalAsync),
        new("exec", true, ControlBuiltins.ExecAsync),
        new("exit", true, ControlBuiltins.ExitAsync),
        new("return", true, ControlBuiltins.ReturnAsync),
        new("export", true, VariableBuiltins.ExportAsync),
        new("readonly", true, VariableBuiltins.ReadOnlyAsync),
        new("local", true, VariableBuiltins.LocalAsync),
        new("set", true, VariableBuiltins.SetAsync),
        new("shift", true, VariableBuiltins.ShiftAsync),
        new("unset", true, VariableBuiltins.UnsetAsync),
        new("getopts", false, GetOpts.RunAsync),
        new("let", false, VariableBuiltins.LetAsync),
        new("read", false, ReadBuiltin.RunAsync),
        new("trap", true, JobBuiltins.TrapAsync),
        new("times", true, JobBuiltins.TimesAsync),
        new("wait", false, JobBuiltins.WaitAsync),
        new("kill", false, KillBuiltin.RunAsync),
        new("jobs", false, JobBuiltins.JobsAsync),
        new("fg", false, JobBuiltins.ForegroundAsync),
        new("bg", false, JobBuiltins.BackgroundAsync),
        new("cd", false, FileBuiltins.ChangeDirectoryAsync),
        new("chdir", false, FileBuiltins.ChangeDirectoryAsync),
        new("pwd", false, FileBuiltins.PrintDirectoryAsync),
        new("umask", false, FileBuiltins.UmaskAsync),
        new("ulimit", false, FileBuiltins.LimitAsync),
        new("test", false, FileBuiltins.TestAsync),
        new("[", false, FileBuiltins.TestAsync),
        new("echo", false, (shell, words) => PrintAsync(shell, Echo.Format(words))),
        new("printf", false, FileBuiltins.PrintfAsync),
        new("true", false, (_, _) => new(0)),
        new("false", false, (_, _) => new(1)),
        new("type", false, CommandBuiltins.TypeAsync),
        new("command", false, CommandBuiltins.CommandAsync),
        new("hash", false, (_, _) => new(0)),
        new("alias", false, CommandBuiltins.AliasAsync),
        new("unalias", false, CommandBuiltins.UnaliasAsync),
        new("help", false, CommandBuiltins.HelpAsync),
    ];

    private static async ValueTask<int> PrintAsync(Interpreter shell, byte[] output)
    {
        await shell.WriteAsync(1, output);
        return 0;
    }
}
