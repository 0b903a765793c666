using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorCluster.Api.Documents;

/// <summary>Writes one YAML document, given as its events, as JSON.</summary>
internal sealed class YamlWriter(List<ParsingEvent> events, Utf8JsonWriter writer)
{
    public const int MaxDepth = 100;

    /// <summary>How many bytes aliases may blow a document up to.</summary>
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>How many nodes aliases may blow it up to; merged mappings may have no bytes.</summary>
    private const int MaxNodes = 4 * 1024 * 1024;

    private readonly Dictionary<int, int> _targets = ResolveAliases(events);
    private int _nodes;

    /// <exception cref="FormatException">Nested too deep, too large, or no JSON.</exception>
    public void Write() => Write(0, 0);

    private void Write(int at, int depth)
    {
        CheckSize(depth);
        switch (events[at])
        {
            case MappingStart:
                writer.WriteStartObject();
                WriteFields(at, depth, null);
                writer.WriteEndObject();
                break;
            case SequenceStart:
                writer.WriteStartArray();
                for (var item = at + 1; events[item] is not SequenceEnd; item = EndOf(events, item)) Write(item, depth + 1);
                writer.WriteEndArray();
                break;
            case AnchorAlias:
                Write(_targets[at], depth + 1);
                break;
            case Scalar scalar:
                YamlScalars.Write(scalar, writer);
                break;
            default:
                throw new FormatException("yaml: unexpected structure");
        }
    }

    /// <summary>The fields of the mapping that starts here, then those of the mappings that it merges which it doesn't have itself.</summary>
    /// <param name="known">The names that are there already; null for a mapping that stands for itself.</param>
    private void WriteFields(int at, int depth, HashSet<string>? known)
    {
        CheckSize(depth);
        var own = new HashSet<string>(StringComparer.Ordinal);
        var merged = new List<int>();
        for (var key = at + 1; events[key] is not MappingEnd;)
        {
            if (events[key] is not Scalar scalar) throw new FormatException("yaml: invalid map key");
            var value = key + 1;
            if (scalar is { Value: "<<", IsPlainImplicit: true }) merged.AddRange(MergedMappings(value));
            else if (YamlScalars.Key(scalar) is var name && known?.Contains(name) != true)
            {
                own.Add(name);
                writer.WritePropertyName(name);
                Write(value, depth + 1);
            }
            key = EndOf(events, value);
        }
        if (merged.Count == 0 && known is null) return;
        if (known is not null) own.UnionWith(known);
        foreach (var mapping in merged) WriteFields(mapping, depth + 1, own);
        known?.UnionWith(own);
    }

    private void CheckSize(int depth)
    {
        if (depth > MaxDepth) throw new FormatException("yaml: exceeded max depth");
        if (++_nodes > MaxNodes || writer.BytesCommitted + writer.BytesPending > MaxBytes) throw new FormatException("yaml: document contains excessive aliasing");
    }

    private List<int> MergedMappings(int at) => events[at] switch
    {
        AnchorAlias => MergedMappings(_targets[at]),
        MappingStart => [at],
        SequenceStart => [.. Items(at).Select(i => events[i] is AnchorAlias ? _targets[i] : i).Select(i => events[i] is MappingStart ? i : throw NoMerge())],
        _ => throw NoMerge(),
    };

    private IEnumerable<int> Items(int at)
    {
        for (var item = at + 1; events[item] is not SequenceEnd; item = EndOf(events, item)) yield return item;
    }

    private static FormatException NoMerge() => new("yaml: map merge requires map or sequence of maps as the value");

    /// <summary>For each alias, by its place, the place of what it stands for: the last node of that name before it.</summary>
    private static Dictionary<int, int> ResolveAliases(List<ParsingEvent> events)
    {
        var anchors = new Dictionary<AnchorName, int>();
        var targets = new Dictionary<int, int>();
        for (var i = 0; i < events.Count; i++)
        {
            switch (events[i])
            {
                case AnchorAlias alias:
                    if (!anchors.TryGetValue(alias.Value, out var target)) throw new FormatException($"yaml: unknown anchor '{alias.Value}' referenced");
                    if (EndOf(events, target) > i) throw new FormatException($"yaml: anchor '{alias.Value}' value contains itself");
                    targets[i] = target;
                    break;
                case NodeEvent { Anchor.IsEmpty: false } anchored:
                    anchors[anchored.Anchor] = i;
                    break;
            }
        }
        return targets;
    }

    /// <summary>The place behind the node that starts here.</summary>
    private static int EndOf(List<ParsingEvent> events, int start)
    {
        var end = start + 1;
        for (var depth = events[start].NestingIncrease; depth > 0; end++) depth += events[end].NestingIncrease;
        return end;
    }
}
