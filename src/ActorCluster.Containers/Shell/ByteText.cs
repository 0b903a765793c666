using System.Text;

namespace ActorCluster.Containers.Shell;

/// <summary>
/// Bytes as text of one character a byte (Latin-1), so that tools that work on lines pass on whatever bytes they are given. Arguments,
/// which are real text, become such text on the way in.
/// </summary>
internal static class ByteText
{
    /// <summary>Real text as bytes-in-characters.</summary>
    public static string FromText(string text) => IsAscii(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Back to real text; bytes that are no UTF-8 become U+FFFD.</summary>
    public static string ToText(string bytes) => IsAscii(bytes) ? bytes : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    public static byte[] ToBytes(string bytes) => Encoding.Latin1.GetBytes(bytes);
    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static bool IsAscii(string text) => Ascii.IsValid(text);
}
