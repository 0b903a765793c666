using System.Buffers;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Unicode;
using ActorCluster.Contracts.Wire;
using ActorCluster.Store.Snapshots;

namespace ActorCluster.Store.Backends;

/// <summary>Texts out of UTF-8, without a string for each of those that repeat.</summary>
internal static class Utf8Texts
{
    /// <summary>Longer ones seldom repeat.</summary>
    private const int Longest = 256;

    /// <exception cref="SerializationException">The bytes are no UTF-8.</exception>
    public static string Shared(ReadOnlySpan<byte> utf8, StringPool pool)
    {
        if (utf8.Length > Longest) return pool.Shared(Strict(utf8));
        Span<char> text = stackalloc char[Longest];
        return Utf8.ToUtf16(utf8, text, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done ? pool.Shared(text[..length]) : throw NoText();
    }

    /// <exception cref="SerializationException">The bytes are no UTF-8.</exception>
    public static string Strict(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw NoText();

    public static bool Same(ReadOnlySpan<byte> utf8, string text) =>
        Ascii.Equals(utf8, text) || (!Ascii.IsValid(text) && Utf8.IsValid(utf8) && string.Equals(Encoding.UTF8.GetString(utf8), text, StringComparison.Ordinal));

    private static SerializationException NoText() => WireReader.Damaged("a text that is no UTF-8");
}
