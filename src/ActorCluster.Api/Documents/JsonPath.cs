using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.Documents;

/// <summary>
/// A path into a document in the notation of printer columns and kubectl (client-go/util/jsonpath): <c>.spec.ports[0].name</c>, <c>['a.b']</c>, <c>[1:3]</c>, <c>[*]</c>,
/// <c>..name</c>, <c>[?(@.type=="Ready")]</c>.
/// </summary>
public sealed class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps = [];

    private JsonPath()
    {
    }

    /// <exception cref="FormatException">It is no such path.</exception>
    public static JsonPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var path = new JsonPath();
        var at = text.StartsWith('$') || text.StartsWith('@') ? 1 : 0;
        while (at < text.Length) at = path.ReadStep(text, at);
        return path;
    }

    /// <summary>All that the path leads to, in order; nothing where it leads nowhere.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? document)
    {
        IEnumerable<JsonNode?> found = [document];
        foreach (var step in _steps) found = found.SelectMany(step);
        return [.. found];
    }

    private int ReadStep(string text, int at)
    {
        if (text[at] == '[')
        {
            var end = Close(text, at);
            _steps.Add(Bracket(text[(at + 1)..end].Trim()));
            return end + 1;
        }
        if (text[at] != '.') throw new FormatException($"unrecognized character in action: U+{(int)text[at]:X4} '{text[at]}'");
        at++;
        if (at < text.Length && text[at] == '.')
        {
            _steps.Add(Descendants);
            at++;
        }
        if (at < text.Length && text[at] == '[') return at;
        var name = new StringBuilder();
        while (at < text.Length && text[at] is not ('.' or '['))
        {
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            name.Append(text[at++]);
        }
        if (name.Length > 0) _steps.Add(name.ToString() == "*" ? Children : Named(name.ToString()));
        return at;
    }

    /// <summary>Where the bracket ends, quotes and inner brackets left aside.</summary>
    private static int Close(string text, int open)
    {
        var depth = 0;
        var quote = '\0';
        for (var i = open; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
            {
                if (c == '\\') i++;
                else if (c == quote) quote = '\0';
            }
            else if (c is '\'' or '"') quote = c;
            else if (c == '[') depth++;
            else if (c == ']' && --depth == 0) return i;
        }
        throw new FormatException("unterminated array");
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Bracket(string inner)
    {
        if (inner == "*") return Children;
        if (inner.StartsWith("?(", StringComparison.Ordinal) && inner.EndsWith(')')) return Filter(inner[2..^1]);
        if (inner.Length >= 2 && inner[0] is '\'' or '"')
        {
            if (inner[^1] != inner[0]) throw new FormatException("unterminated quoted string");
            return Named(inner[1..^1]);
        }
        if (inner.Contains(',', StringComparison.Ordinal))
        {
            var parts = inner.Split(',').Select(part => Bracket(part.Trim())).ToList();
            return node => parts.SelectMany(part => part(node));
        }
        var bounds = inner.Split(':');
        return bounds.Length == 1 ? Index(Number(inner)) : Slice(bounds);
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"invalid array index {text}");

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Named(string name) =>
        node => node is JsonObject map && map.TryGetPropertyValue(name, out var value) ? [value] : [];

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Index(int index) => node =>
    {
        if (node is not JsonArray list) return [];
        var at = index < 0 ? list.Count + index : index;
        return at >= 0 && at < list.Count ? [list[at]] : [];
    };

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Slice(string[] bounds)
    {
        int? from = bounds[0].Length == 0 ? null : Number(bounds[0]);
        int? to = bounds[1].Length == 0 ? null : Number(bounds[1]);
        var step = bounds.Length > 2 && bounds[2].Length > 0 ? Number(bounds[2]) : 1;
        if (step <= 0) throw new FormatException("step must be > 0");
        return node =>
        {
            if (node is not JsonArray list) return [];
            var start = Math.Max(0, from < 0 ? list.Count + from.Value : from ?? 0);
            var end = Math.Min(list.Count, to < 0 ? list.Count + to.Value : to ?? list.Count);
            List<JsonNode?> taken = [];
            for (var i = start; i < end; i += step) taken.Add(list[i]);
            return taken;
        };
    }

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject map => map.Select(p => p.Value),
        JsonArray list => list,
        _ => [],
    };

    private static IEnumerable<JsonNode?> Descendants(JsonNode? node) => Children(node).SelectMany(Descendants).Prepend(node);

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Filter(string condition)
    {
        foreach (var comparison in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            var at = condition.IndexOf(comparison, StringComparison.Ordinal);
            if (at < 0) continue;
            var (left, right) = (Operand(condition[..at].Trim()), Operand(condition[(at + comparison.Length)..].Trim()));
            return node => Elements(node).Where(item => Holds(comparison, left(item), right(item)));
        }
        var path = Parse(condition.Trim());
        return node => Elements(node).Where(item => path.Find(item).Count > 0);
    }

    private static IEnumerable<JsonNode?> Elements(JsonNode? node) => node as IEnumerable<JsonNode?> ?? [];

    private static Func<JsonNode?, JsonNode?> Operand(string text)
    {
        if (text.StartsWith('@') || text.StartsWith('.'))
        {
            var path = Parse(text);
            return item => path.Find(item) is [var first, ..] ? first : null;
        }
        JsonNode? constant = text.Length >= 2 && text[0] is '\'' or '"' && text[^1] == text[0] ? text[1..^1]
            : bool.TryParse(text, out var flag) ? flag
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new FormatException($"unrecognized filter operand {text}");
        return _ => constant;
    }

    private static bool Holds(string comparison, JsonNode? left, JsonNode? right)
    {
        var order = Compare(left, right);
        return comparison switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            _ => order >= 0,
        };
    }

    /// <returns>Null where the two have no order.</returns>
    private static int? Compare(JsonNode? left, JsonNode? right)
    {
        if (JsonDocuments.AsString(left) is { } one && JsonDocuments.AsString(right) is { } other) return Math.Sign(string.CompareOrdinal(one, other));
        if (IsNumber(left) && IsNumber(right)) return Real(left!).CompareTo(Real(right!));
        return left is not null && right is not null && left.SameAs(right) ? 0 : null;
    }

    private static bool IsNumber(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number;

    private static double Real(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
