using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>A text with variables in it, "$host$request_uri" or "${host}x", taken apart once.</summary>
internal sealed class NginxTemplate
{
    public static readonly NginxTemplate Combined = Parse(
        "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"");

    private readonly ImmutableArray<(string? Text, string? Variable)> _parts;

    private NginxTemplate(ImmutableArray<(string? Text, string? Variable)> parts, string source) => (_parts, Source) = (parts, source);

    /// <summary>As written.</summary>
    public string Source { get; }

    public bool HasVariables => _parts.Any(part => part.Variable is not null);

    public IEnumerable<string> Variables => _parts.Where(part => part.Variable is not null).Select(part => part.Variable!);

    public static NginxTemplate Literal(string text) => new([(text, null)], text);

    public static NginxTemplate Parse(string source)
    {
        var parts = ImmutableArray.CreateBuilder<(string?, string?)>();
        var text = new StringBuilder();
        for (var i = 0; i < source.Length;)
        {
            var (name, length) = source[i] == '$' ? VariableAt(source, i + 1) : ("", 0);
            if (length == 0)
            {
                text.Append(source[i++]);
                continue;
            }
            if (text.Length > 0) parts.Add((text.ToString(), null));
            text.Clear();
            parts.Add((null, name));
            i += 1 + length;
        }
        if (text.Length > 0 || parts.Count == 0) parts.Add((text.ToString(), null));
        return new NginxTemplate(parts.ToImmutable(), source);
    }

    /// <param name="valueOf">A variable's value, by its name without '$'.</param>
    public string Expand(Func<string, string> valueOf)
    {
        if (_parts is [{ Text: { } only }]) return only;
        var result = new StringBuilder();
        foreach (var (text, variable) in _parts) result.Append(text ?? valueOf(variable!));
        return result.ToString();
    }

    private static (string Name, int Length) VariableAt(string source, int start)
    {
        var braced = start < source.Length && source[start] == '{';
        var from = braced ? start + 1 : start;
        var end = from;
        while (end < source.Length && (char.IsAsciiLetterOrDigit(source[end]) || source[end] == '_')) end++;
        if (end == from || (braced && (end >= source.Length || source[end] != '}'))) return ("", 0);
        // "$1x" is the first capture followed by an x.
        if (!braced && char.IsAsciiDigit(source[from])) end = from + 1;
        return (source[from..end], (braced ? end + 1 : end) - start);
    }
}
