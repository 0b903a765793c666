using System.Text;

namespace ActorCluster.Nodes.Configuration;

/// <summary>$(VAR) references in env values, command and args: an unknown name stays as it is written, $$ is a dollar sign
/// (k8s.io/kubernetes/third_party/forked/golang/expansion).</summary>
internal static class Expansion
{
    /// <param name="lookup">The value of a variable; null if there is none.</param>
    public static string Expand(string text, Func<string, string?> lookup)
    {
        if (!text.Contains('$', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            var next = text[i + 1];
            var close = next == '(' ? text.IndexOf(')', i + 2) : -1;
            if (close >= 0)
            {
                var name = text[(i + 2)..close];
                result.Append(lookup(name) ?? text[i..(close + 1)]);
                i = close;
            }
            else if (next == '$')
            {
                result.Append('$');
                i++;
            }
            else
            {
                // Not a reference: both characters stay, and the second is not looked at again.
                result.Append('$').Append(next);
                i++;
            }
        }
        return result.ToString();
    }
}
