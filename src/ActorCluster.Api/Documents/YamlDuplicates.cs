using System.Globalization;
using ActorCluster.Api.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorCluster.Api.Documents;

/// <summary>Keys that a YAML document says twice in one map, as goyaml's strict reading words it.</summary>
public static class YamlDuplicates
{
    /// <summary>Of the first document, in its order; the text must be YAML that <see cref="YamlDocuments"/> could read.</summary>
    public static IReadOnlyList<string> Find(string text)
    {
        var found = new List<string>();
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (parser.TryConsume<DocumentStart>(out _)) Visit(parser, found);
        return found;
    }

    private static void Visit(Parser parser, List<string> found)
    {
        if (parser.TryConsume<MappingStart>(out _))
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (parser.Accept<Scalar>(out var key) && !keys.Add(key.Value))
                {
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"line {key.Start.Line}: key {FieldError.GoQuote(key.Value)} already set in map"));
                }
                Visit(parser, found);
                Visit(parser, found);
            }
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            while (!parser.TryConsume<SequenceEnd>(out _)) Visit(parser, found);
        }
        else
        {
            parser.Consume<NodeEvent>();
        }
    }
}
