namespace ActorCluster.Containers.Shell.Syntax;

/// <summary>A script that is none, worded as busybox's ash does: without the shell's name before it.</summary>
/// <param name="line">1-based.</param>
/// <param name="incomplete">More input could make it right.</param>
/// <param name="until">If known, the line or the character that must come before another try is worth it.</param>
internal sealed class ShellSyntaxException(string message, int line, bool incomplete = false, string? until = null) : Exception(message)
{
    public int Line { get; } = line;
    public bool Incomplete { get; } = incomplete;
    public string? Until { get; } = until;
}
