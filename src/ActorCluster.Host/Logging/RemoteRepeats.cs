using System.Text.RegularExpressions;

namespace ActorCluster.Host.Logging;

/// <summary>
/// Tells which log events of Akka's remoting about another process only repeat what was said of it already: several a second come for as long as a process
/// is away. They are said again when something has changed with that process, or after they have been silent for a while.
/// </summary>
internal sealed partial class RemoteRepeats
{
    /// <summary>After so long without it, the same event is a new one.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>Texts that are remembered at most; beyond, all are said once more.</summary>
    private const int Most = 1000;

    private readonly Dictionary<(string Address, string Text), (DateTimeOffset Last, int LeftOut)> _said = [];

    /// <param name="source">An actor's path within its system, or a type.</param>
    /// <returns>Null: it is to be left out. Else how many were left out of what ends here: of the same event before, or of all about a process with which something has changed.</returns>
    public int? Offer(string level, string source, string message, DateTimeOffset now)
    {
        if (AddressIn(message) is not { } address) return 0;
        if (source.StartsWith("/user/", StringComparison.Ordinal)) return Forget(address);
        var key = (address, $"{level} {Counter().Replace(source, "")} {FirstLine(message)}");
        var isRepeat = _said.TryGetValue(key, out var before) && now - before.Last < Silence;
        if (!isRepeat && _said.Count >= Most) _said.Clear();
        _said[key] = (now, isRepeat ? before.LeftOut + 1 : 0);
        return isRepeat ? null : before.LeftOut;
    }

    /// <summary>What our own actors say of a process is a change: it is there again, or it isn't any more.</summary>
    private int Forget(string address)
    {
        var leftOut = 0;
        foreach (var key in _said.Keys.Where(key => key.Address == address).ToList())
        {
            leftOut += _said[key].LeftOut;
            _said.Remove(key);
        }

        return leftOut;
    }

    /// <summary>Of two, the first is this process's own.</summary>
    private static string? AddressIn(string message) => Address().Matches(message) is [.., var last] ? last.Value : null;

    private static string FirstLine(string message) => message.IndexOfAny(['\r', '\n']) is >= 0 and var end ? message[..end] : message;

    [GeneratedRegex(@"akka(\.\w+)*://[\w-]+@[^\s\],/]+")]
    private static partial Regex Address();

    /// <summary>Akka numbers the actors of one kind.</summary>
    [GeneratedRegex(@"-\d+(?=$|/)")]
    private static partial Regex Counter();
}
