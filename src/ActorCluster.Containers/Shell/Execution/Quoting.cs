using System.Buffers;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>Text as the shell could read it again.</summary>
internal static class Quoting
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%^");

    /// <summary>In single quotes, as set, export -p and trap list values.</summary>
    public static string Single(string text) => "'" + text.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";

    /// <summary>Quoted only if it has to be: set -x.</summary>
    public static string ForTrace(string text) =>
        text.Length > 0 && text.AsSpan().IndexOfAnyExcept(Plain) < 0 ? text : Single(text);
}
