using System.Buffers;
using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorCluster.Api.Documents;

/// <summary>
/// YAML to JSON as sigs.k8s.io/yaml does it: plain scalars get their YAML 1.1 types, aliases and merge keys are written out,
/// duplicate keys stay to be reported.
/// </summary>
public static class YamlDocuments
{
    /// <summary>The first document of the text, as UTF-8 JSON; "null" when there is none.</summary>
    /// <exception cref="FormatException">No YAML (with its line), nested too deep, or too large once its aliases are written out.</exception>
    public static ReadOnlyMemory<byte> ToJson(string text) => Read(text, most: 1) is [var first, ..] ? first : "null"u8.ToArray();

    /// <summary>All documents of the text that aren't empty, as UTF-8 JSON.</summary>
    /// <exception cref="FormatException">As of <see cref="ToJson"/>.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ToJsonDocuments(string text) =>
        [.. Read(text, int.MaxValue).Where(d => !d.Span.SequenceEqual("null"u8))];

    private static List<ReadOnlyMemory<byte>> Read(string text, int most)
    {
        var documents = new List<ReadOnlyMemory<byte>>();
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            while (documents.Count < most && parser.TryConsume<DocumentStart>(out _))
            {
                documents.Add(Convert(ReadNode(parser)));
                if (documents.Count < most) parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException fault)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {fault.Start.Line}: {fault.Message}"), fault);
        }
        catch (InvalidOperationException fault)
        {
            // What the parser throws for some texts that end in the middle.
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {parser.Current?.End.Line ?? 1}: unexpected end of a structure"), fault);
        }
        catch (ArgumentException fault)
        {
            // What it throws for escapes that are half a character.
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {parser.Current?.End.Line ?? 1}: found invalid Unicode character escape code"), fault);
        }
        return documents;
    }

    private static List<ParsingEvent> ReadNode(Parser parser)
    {
        var events = new List<ParsingEvent>();
        var depth = 0;
        do
        {
            var next = parser.Consume<ParsingEvent>();
            depth += next.NestingIncrease;
            if (depth > YamlWriter.MaxDepth) throw new FormatException("yaml: exceeded max depth");
            events.Add(next);
        }
        while (depth > 0);
        return events;
    }

    private static ReadOnlyMemory<byte> Convert(List<ParsingEvent> events)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        new YamlWriter(events, writer).Write();
        writer.Flush();
        return output.WrittenMemory;
    }
}
