using System.Text;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>Values as Go's fmt prints them.</summary>
internal static class GoText
{
    private const string Bits = "rwxrwxrwx";

    /// <summary>%q: strconv.Quote.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            quoted.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\u007f' => $"\\x{(int)letter:x2}",
                _ => letter.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>An fs.FileMode: letters for its kind and special bits, '-' if there are none, then the nine permissions.</summary>
    public static string Mode(FileStatus status)
    {
        var text = new StringBuilder();
        if (status.Kind == FileKind.Directory) text.Append('d');
        if (status.Kind == FileKind.SymbolicLink) text.Append('L');
        if (status.Kind == FileKind.Device) text.Append('D');
        if ((status.Permissions & 0b100_000_000_000) != 0) text.Append('u');
        if ((status.Permissions & 0b010_000_000_000) != 0) text.Append('g');
        if (status.Kind == FileKind.Device) text.Append('c');
        if ((status.Permissions & 0b001_000_000_000) != 0) text.Append('t');
        if (text.Length == 0) text.Append('-');
        for (var i = 0; i < Bits.Length; i++) text.Append((status.Permissions & (1 << (Bits.Length - 1 - i))) != 0 ? Bits[i] : '-');
        return text.ToString();
    }

    /// <summary>An fs.PathError: "open /x: no such file or directory".</summary>
    public static string PathError(string call, string path, FileFaultException fault) => $"{call} {path}: {fault.Message.ToLowerInvariant()}";
}
