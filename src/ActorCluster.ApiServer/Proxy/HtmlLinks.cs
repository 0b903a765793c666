using System.Net;
using System.Text;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>The links of an HTML page, each passed through a function; everything else stays byte for byte what it was.</summary>
/// <remarks>
/// Which attributes of which elements are links: apimachinery/pkg/util/proxy/transport.go, from HTML 4.01 and 5's lists of attributes. Tags are found as the
/// HTML standard's tokenizer finds them (section 13.2.5): not in comments, nor in the text of scripts, styles and the like.
/// </remarks>
internal sealed class HtmlLinks
{
    private static readonly Dictionary<string, string[]> Links = new(StringComparer.OrdinalIgnoreCase)
    {
        ["a"] = ["href"], ["applet"] = ["codebase"], ["area"] = ["href"], ["audio"] = ["src"], ["base"] = ["href"], ["blockquote"] = ["cite"], ["body"] = ["background"],
        ["button"] = ["formaction"], ["command"] = ["icon"], ["del"] = ["cite"], ["embed"] = ["src"], ["form"] = ["action"], ["frame"] = ["longdesc", "src"],
        ["head"] = ["profile"], ["html"] = ["manifest"], ["iframe"] = ["longdesc", "src"], ["img"] = ["longdesc", "src", "usemap"], ["input"] = ["src", "usemap", "formaction"],
        ["ins"] = ["cite"], ["link"] = ["href"], ["object"] = ["classid", "codebase", "data", "usemap"], ["q"] = ["cite"], ["script"] = ["src"], ["source"] = ["src"],
        ["video"] = ["poster", "src"],
    };

    private static readonly string[] TextOnly = ["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"];

    private readonly string _page;
    private readonly Func<string, string> _rewrite;
    private readonly StringBuilder _result = new();
    private int _at;
    private int _copied;

    private HtmlLinks(string page, Func<string, string> rewrite) => (_page, _rewrite) = (page, rewrite);

    /// <param name="page">Bytes as characters (Latin-1): whatever encoding the page has, its markup is ASCII.</param>
    /// <param name="rewrite">A link, its character references resolved, as it is to be.</param>
    public static string Rewrite(string page, Func<string, string> rewrite)
    {
        var links = new HtmlLinks(page, rewrite);
        while (links.Advance()) continue;
        return links._result.Append(page, links._copied, page.Length - links._copied).ToString();
    }

    /// <returns>False at the end of the page.</returns>
    private bool Advance()
    {
        var open = _page.IndexOf('<', _at);
        if (open < 0 || open + 1 >= _page.Length) return false;
        _at = open + 1;
        if (StartsWith("!--")) return SkipPast("-->", Math.Min(_at + 1, _page.Length));
        if (_page[_at] is '!' or '?' || StartsWith("/") && _at + 1 < _page.Length && char.IsAsciiLetter(_page[_at + 1])) return SkipPast(">", _at);
        if (!char.IsAsciiLetter(_page[_at])) return true;
        var name = Take(static c => !IsSpace(c) && c is not ('/' or '>'));
        var attributes = Links.GetValueOrDefault(name, []);
        while (NextAttribute(attributes)) continue;
        return !TextOnly.Contains(name, StringComparer.OrdinalIgnoreCase) || SkipText(name);
    }

    /// <returns>False after the tag's end.</returns>
    private bool NextAttribute(string[] wanted)
    {
        Take(static c => IsSpace(c) || c == '/');
        if (_at >= _page.Length || _page[_at++] == '>') return false;
        _at--;
        var start = _at++;
        Take(static c => !IsSpace(c) && c is not ('/' or '>' or '='));
        var name = _page[start.._at];
        var afterName = _at;
        Take(IsSpace);
        if (_at >= _page.Length || _page[_at] != '=')
        {
            _at = afterName;
            return true;
        }
        _at++;
        Take(IsSpace);
        if (_at >= _page.Length) return false;
        var quote = _page[_at] is '"' or '\'' ? _page[_at++] : '\0';
        var value = _at;
        if (quote == '\0') Take(static c => !IsSpace(c) && c != '>');
        else _at = _page.IndexOf(quote, _at) is >= 0 and var end ? end : _page.Length;
        // A tag that the page ends in is none.
        if (_at >= _page.Length) return false;
        if (wanted.Contains(name, StringComparer.OrdinalIgnoreCase)) Replace(value, _at, quote == '\0');
        if (quote != '\0') _at++;
        return true;
    }

    private void Replace(int from, int to, bool quote)
    {
        var link = WebUtility.HtmlDecode(_page[from..to]);
        var rewritten = _rewrite(link);
        if (rewritten == link) return;
        _result.Append(_page, _copied, from - _copied);
        if (quote) _result.Append('"');
        foreach (var c in rewritten)
        {
            _ = c switch
            {
                '&' => _result.Append("&amp;"),
                '"' => _result.Append("&#34;"),
                '\'' => _result.Append("&#39;"),
                '<' => _result.Append("&lt;"),
                '>' => _result.Append("&gt;"),
                // From a character reference: no byte of the page's encoding.
                > '\xff' => _result.Append("&#").Append((int)c).Append(';'),
                _ => _result.Append(c),
            };
        }
        if (quote) _result.Append('"');
        _copied = to;
    }

    private bool SkipText(string element)
    {
        if (element.Equals("plaintext", StringComparison.OrdinalIgnoreCase)) return false;
        while (true)
        {
            var end = _page.IndexOf("</" + element, _at, StringComparison.OrdinalIgnoreCase);
            if (end < 0) return false;
            _at = end + 2 + element.Length;
            if (_at < _page.Length && (IsSpace(_page[_at]) || _page[_at] is '/' or '>')) return SkipPast(">", _at);
        }
    }

    private bool SkipPast(string what, int from)
    {
        var found = _page.IndexOf(what, from, StringComparison.Ordinal);
        _at = found + what.Length;
        return found >= 0;
    }

    private string Take(Func<char, bool> accepts)
    {
        var start = _at;
        while (_at < _page.Length && accepts(_page[_at])) _at++;
        return _page[start.._at];
    }

    private bool StartsWith(string text) => string.CompareOrdinal(_page, _at, text, 0, text.Length) == 0;

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\f' or '\r';
}
