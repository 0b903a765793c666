using System.Buffers;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>Text as the shell could read it again.</summary>
internal static class Quoting
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@]^");

    /// <summary>In single quotes, as set, export -p and trap list values.</summary>
    public static string Single(string text)
    {
        var quoted = "'" + text.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";
        return quoted.Length > 2 && quoted.EndsWith("\"''", StringComparison.Ordinal) ? quoted[..^2] : quoted;
    }

    /// <summary>Quoted only if it has to be: set -x.</summary>
    public static string ForTrace(string text) =>
        text.AsSpan().IndexOfAnyExcept(Plain) < 0 && !Parser.IsReserved(text) ? text : Single(text);
}
