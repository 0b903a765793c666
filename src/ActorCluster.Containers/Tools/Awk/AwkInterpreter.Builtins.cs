using System.Globalization;
using System.Text;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools.Awk;

internal sealed partial class AwkInterpreter
{
    private double _seed;
    private Contracts.Runtime.RandomSource? _random;

    private async ValueTask<AwkValue> CallBuiltinAsync(CallExpression call)
    {
        var arguments = call.Arguments;
        switch (call.Name)
        {
            case "length" when arguments is [VariableExpression name] && _arrays.ContainsKey(name.Name) | (_frames.TryPeek(out var frame) && frame.Arrays.ContainsKey(name.Name)): return AwkValue.Of(Array(name.Name).Count);
            case "length": return AwkValue.Of(Text(arguments.Count == 0 ? _record.Get(0) : await EvaluateAsync(arguments[0])).Length);
            case "sub" or "gsub": return await SubstituteAsync(call);
            case "split": return await SplitAsync(call);
            case "match": return await MatchAsync(call);
        }
        var values = new List<AwkValue>();
        foreach (var argument in arguments) values.Add(await EvaluateAsync(argument));
        AwkValue At(int i) => i < values.Count ? values[i] : throw new ToolException($"{call.Name}: Too few arguments", 2);
        double Number(int i) => At(i).ToNumber();
        long Bits(int i) => (long)Math.Clamp(Number(i), 0, 9e18);
        switch (call.Name)
        {
            case "substr": return AwkValue.Of(Substring(Text(At(0)), Number(1), values.Count > 2 ? Number(2) : double.PositiveInfinity));
            case "index": return AwkValue.Of(Text(At(0)).IndexOf(Text(At(1)), StringComparison.Ordinal) + 1);
            case "sprintf": return AwkValue.Of(AwkFormat.Format(Text(At(0)), values[1..]));
            case "tolower": return AwkValue.Of(string.Concat(Text(At(0)).Select(c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c)));
            case "toupper": return AwkValue.Of(string.Concat(Text(At(0)).Select(c => char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c)));
            case "sin": return AwkValue.Of(Math.Sin(Number(0)));
            case "cos": return AwkValue.Of(Math.Cos(Number(0)));
            case "atan2": return AwkValue.Of(Math.Atan2(Number(0), Number(1)));
            case "exp": return AwkValue.Of(Math.Exp(Number(0)));
            case "log": return AwkValue.Of(Math.Log(Number(0)));
            case "sqrt": return AwkValue.Of(Math.Sqrt(Number(0)));
            case "int": return AwkValue.Of(Math.Truncate(Number(0)));
            case "and": return AwkValue.Of(Bits(0) & Bits(1));
            case "or": return AwkValue.Of(Bits(0) | Bits(1));
            case "xor": return AwkValue.Of(Bits(0) ^ Bits(1));
            case "lshift": return AwkValue.Of(Bits(0) << (int)(Bits(1) & 63));
            case "rshift": return AwkValue.Of(Bits(0) >> (int)(Bits(1) & 63));
            case "compl": return AwkValue.Of(~(ulong)Bits(0));
            case "rand": return AwkValue.Of((_random ??= Seeded(0)).NextDouble());
            case "srand":
                var before = _seed;
                _seed = values.Count > 0 ? Number(0) : _tool.Clock.GetUtcNow().ToUnixTimeSeconds();
                _random = Seeded(_seed);
                return AwkValue.Of(before);
            case "system": return AwkValue.Of(await _streams.SystemAsync(Text(At(0))));
            case "close": return AwkValue.Of(await _streams.CloseAsync(Text(At(0))));
            case "fflush":
                await _streams.FlushAsync();
                return AwkValue.Of(0);
            case "systime": return AwkValue.Of(_tool.Clock.GetUtcNow().ToUnixTimeSeconds());
            case "strftime":
                var time = values.Count > 1 ? DateTimeOffset.FromUnixTimeSeconds((long)Math.Clamp(Number(1), -62e9, 253e9)) : _tool.Clock.GetUtcNow();
                return AwkValue.Of(ByteText.FromText(DateTexts.Format(time, values.Count > 0 ? Text(values[0]) : "%a %b %e %H:%M:%S %Z %Y")));
            case "gensub": return AwkValue.Of(Replace(Text(values.Count > 3 ? values[3] : _record.Get(0)), arguments[0] is RegexExpression r ? r.Pattern : CompileCached(Text(At(0))), Text(At(1)), Text(At(2)) is "g" or "G" ? 0 : (int)Number(2), groups: true, out _));
            default: throw new InvalidOperationException($"Unknown function {call.Name}.");
        }
    }

    private Contracts.Runtime.RandomSource Seeded(double seed) => _tool.Process.Simulation.Random.Child("awk-" + seed.ToString(CultureInfo.InvariantCulture));

    private static string Substring(string text, double start, double length)
    {
        if (double.IsNaN(start) || double.IsNaN(length)) return "";
        var from = Math.Round(start);
        var to = Math.Min(from + Math.Round(length), text.Length + 1.0);
        from = Math.Max(from, 1);
        return to <= from ? "" : text[((int)from - 1)..((int)to - 1)];
    }

    private async ValueTask<AwkValue> SubstituteAsync(CallExpression call)
    {
        if (call.Arguments.Count < 2) throw new ToolException($"{call.Name}: Too few arguments", 2);
        var pattern = await RegexAsync(call.Arguments[0]);
        var replacement = Text(await EvaluateAsync(call.Arguments[1]));
        var target = call.Arguments.Count > 2 ? call.Arguments[2] : new FieldExpression(new NumberExpression(0));
        if (target is GroupExpression { Items: [var inner] }) target = inner;
        var result = Replace(Text(await EvaluateAsync(target)), pattern, replacement, call.Name == "gsub" ? 0 : 1, groups: false, out var count);
        if (count > 0 && target is VariableExpression or FieldExpression or ElementExpression) await StoreAsync(target, AwkValue.Of(result));
        return AwkValue.Of(count);
    }

    /// <param name="which">0 for all.</param>
    private static string Replace(string text, System.Text.RegularExpressions.Regex pattern, string replacement, int which, bool groups, out int count)
    {
        var result = new StringBuilder();
        (count, var at, var seen) = (0, 0, 0);
        for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0 && match.Index == at && count > 0) continue;
            if (++seen < which) continue;
            count++;
            result.Append(text, at, match.Index - at);
            for (var i = 0; i < replacement.Length; i++)
            {
                if (replacement[i] == '&') result.Append(match.Value);
                else if (replacement[i] == '\\' && i + 1 < replacement.Length && replacement[i + 1] is '&' or '\\') result.Append(replacement[++i]);
                else if (groups && replacement[i] == '\\' && i + 1 < replacement.Length && char.IsAsciiDigit(replacement[i + 1])) result.Append(match.Groups[replacement[++i] - '0'].Value);
                else result.Append(replacement[i]);
            }
            at = match.Index + match.Length;
            if (which > 0 || result.Length > TextLimit) break;
        }
        return result.Append(text, at, text.Length - at).ToString();
    }

    private async ValueTask<AwkValue> SplitAsync(CallExpression call)
    {
        if (call.Arguments is not [var subject, VariableExpression array, ..]) throw new ToolException("split: bad arguments", 2);
        var text = Text(await EvaluateAsync(subject));
        IEnumerable<string> pieces;
        if (call.Arguments.Count > 2 && call.Arguments[2] is RegexExpression regex) pieces = AwkRecord.Pieces(text, "  ", _ => regex.Pattern);
        else pieces = AwkRecord.Pieces(text, call.Arguments.Count > 2 ? Text(await EvaluateAsync(call.Arguments[2])) : Text(Get("FS")), CompileCached);
        var target = Array(array.Name);
        target.Clear();
        var count = 0;
        foreach (var piece in pieces) target[(++count).ToString(CultureInfo.InvariantCulture)] = AwkValue.Input(piece);
        return AwkValue.Of(count);
    }

    private async ValueTask<AwkValue> MatchAsync(CallExpression call)
    {
        if (call.Arguments.Count < 2) throw new ToolException("match: Too few arguments", 2);
        var text = Text(await EvaluateAsync(call.Arguments[0]));
        var match = (await RegexAsync(call.Arguments[1])).Match(text);
        var start = match.Success ? match.Index + 1 : 0;
        Set("RSTART", AwkValue.Of(start));
        Set("RLENGTH", AwkValue.Of(match.Success ? match.Length : -1));
        return AwkValue.Of(start);
    }
}
