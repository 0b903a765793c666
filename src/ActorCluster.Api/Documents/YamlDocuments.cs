using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorCluster.Api.Documents;

/// <summary>YAML to JSON as sigs.k8s.io/yaml does it: plain scalars get their YAML 1.1 types, duplicate keys stay to be reported.</summary>
public static partial class YamlDocuments
{
    private const int MaxDepth = 100;

    /// <summary>How many bytes aliases may blow a document up to.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The first document of the text, as UTF-8 JSON.</summary>
    /// <exception cref="FormatException">No YAML, nested too deep, or too large once its aliases are written out.</exception>
    public static ReadOnlyMemory<byte> ToJson(string text)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _)) return "null"u8.ToArray();
            var anchors = new Dictionary<AnchorName, List<ParsingEvent>>();
            var node = ReadNode(parser);
            Remember(node, anchors);
            var position = 0;
            Write(node, ref position, writer, output, anchors, 0);
        }
        catch (YamlException fault)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {fault.Start.Line}: {fault.Message}"), fault);
        }
        writer.Flush();
        return output.WrittenMemory;
    }

    private static List<ParsingEvent> ReadNode(Parser parser)
    {
        var events = new List<ParsingEvent>();
        var depth = 0;
        do
        {
            var next = parser.Consume<ParsingEvent>();
            depth += next.NestingIncrease;
            events.Add(next);
        }
        while (depth > 0);
        return events;
    }

    private static void Remember(List<ParsingEvent> events, Dictionary<AnchorName, List<ParsingEvent>> anchors)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] is not NodeEvent { Anchor.IsEmpty: false } anchored) continue;
            var end = i;
            for (var depth = events[i].NestingIncrease; depth > 0;) depth += events[++end].NestingIncrease;
            anchors[anchored.Anchor] = events[i..(end + 1)];
        }
    }

    private static void Write(
        List<ParsingEvent> events, ref int position, Utf8JsonWriter writer, ArrayBufferWriter<byte> output,
        Dictionary<AnchorName, List<ParsingEvent>> anchors, int depth)
    {
        if (depth > MaxDepth) throw new FormatException("yaml: exceeded max depth");
        if (output.WrittenCount + writer.BytesPending > MaxBytes) throw new FormatException("yaml: document contains excessive aliasing");
        switch (events[position++])
        {
            case MappingStart:
                writer.WriteStartObject();
                while (events[position] is not MappingEnd)
                {
                    if (events[position++] is not Scalar key) throw new FormatException("yaml: invalid map key");
                    if (key is { Value: "<<", IsPlainImplicit: true }) throw new FormatException("yaml: merge keys are not supported");
                    writer.WritePropertyName(key.Value);
                    Write(events, ref position, writer, output, anchors, depth + 1);
                }
                position++;
                writer.WriteEndObject();
                break;
            case SequenceStart:
                writer.WriteStartArray();
                while (events[position] is not SequenceEnd) Write(events, ref position, writer, output, anchors, depth + 1);
                position++;
                writer.WriteEndArray();
                break;
            case AnchorAlias alias:
                if (!anchors.TryGetValue(alias.Value, out var target)) throw new FormatException($"yaml: unknown anchor '{alias.Value}' referenced");
                var start = 0;
                Write(target, ref start, writer, output, anchors, depth + 1);
                break;
            case Scalar scalar:
                WriteScalar(scalar, writer);
                break;
            default:
                throw new FormatException("yaml: unexpected structure");
        }
    }

    private static void WriteScalar(Scalar scalar, Utf8JsonWriter writer)
    {
        if (!scalar.IsPlainImplicit)
        {
            writer.WriteStringValue(scalar.Value);
            return;
        }
        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                writer.WriteNullValue();
                return;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                writer.WriteBooleanValue(true);
                return;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                writer.WriteBooleanValue(false);
                return;
        }
        if (Integer().IsMatch(scalar.Value) && long.TryParse(scalar.Value.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            writer.WriteNumberValue(whole);
        }
        else if (Based(scalar.Value) is { } based) writer.WriteNumberValue(based);
        else if (Real().IsMatch(scalar.Value) && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
        {
            writer.WriteNumberValue(real);
        }
        else writer.WriteStringValue(scalar.Value);
    }

    // 0x1f, 0o17, 0b11 and YAML 1.1's 017.
    private static long? Based(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        try
        {
            if (digits.StartsWith("0x", StringComparison.Ordinal) && digits.Length is > 2 and < 18) return Convert.ToInt64(digits[2..], 16);
            if (digits.StartsWith("0o", StringComparison.Ordinal) && digits.Length > 2) return Convert.ToInt64(digits[2..], 8);
            if (digits.StartsWith("0b", StringComparison.Ordinal) && digits.Length > 2) return Convert.ToInt64(digits[2..], 2);
            if (digits.Length is > 1 and < 20 && digits[0] == '0' && digits.All(c => c is >= '0' and <= '7')) return Convert.ToInt64(digits, 8);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            return null;
        }
        return null;
    }

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9_]*)\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Real();
}
