using System.Collections.Frozen;
using System.Globalization;

namespace ActorCluster.Api.Protobuf;

internal enum FieldRole
{
    /// <summary>A value that Go always writes: its zero means that nothing was said.</summary>
    Plain,

    /// <summary>A pointer in Go: written only when set, so that its zero is a value.</summary>
    Optional,
    Repeated,
    Map,

    /// <summary>A message whose fields stand in the JSON of the outer one.</summary>
    Inline,
}

/// <param name="Type">A scalar's name or a message's.</param>
internal sealed record ProtobufField(string Name, FieldRole Role, string Type);

/// <summary>The field numbers of the Kubernetes types, as generated.proto of Kubernetes 1.36 gives them.</summary>
/// <remarks>messages.txt has a line a message: its name, then <c>number[role]jsonName:type</c>; roles: ? optional, * repeated, % map, ~ inline.</remarks>
internal static class ProtobufMessages
{
    private static readonly Lazy<FrozenDictionary<string, string>> Lines = new(Load);
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, FrozenDictionary<int, ProtobufField>> Parsed = new();

    /// <summary>Null when there is no message of that name.</summary>
    public static FrozenDictionary<int, ProtobufField>? Find(string message)
    {
        if (Parsed.TryGetValue(message, out var fields)) return fields;
        return Lines.Value.TryGetValue(message, out var line) ? Parsed.GetOrAdd(message, Parse(line)) : null;
    }

    /// <summary>The message of an API type; null when it isn't one of the built-in ones.</summary>
    public static string? NameOf(string apiVersion, string kind)
    {
        // The options have the group of the resource that they are for.
        if (kind is "DeleteOptions" or "CreateOptions" or "UpdateOptions" or "PatchOptions" or "Status") return $"meta.v1.{kind}";
        var parts = apiVersion.Split('/');
        var package = parts.Length == 1 ? "core" : parts[0].Split('.')[0];
        var name = $"{package}.{parts[^1]}.{kind}";
        return Lines.Value.ContainsKey(name) ? name : null;
    }

    private static FrozenDictionary<string, string> Load()
    {
        using var stream = typeof(ProtobufMessages).Assembly.GetManifestResourceStream("ActorCluster.Api.Protobuf.messages.txt")!;
        using var reader = new StreamReader(stream);
        var lines = new Dictionary<string, string>();
        while (reader.ReadLine() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            lines[line[..space]] = line[(space + 1)..];
        }
        return lines.ToFrozenDictionary();
    }

    private static FrozenDictionary<int, ProtobufField> Parse(string line)
    {
        var fields = new Dictionary<int, ProtobufField>();
        foreach (var text in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var digits = text.TakeWhile(char.IsAsciiDigit).Count();
            var role = text[digits] switch { '?' => FieldRole.Optional, '*' => FieldRole.Repeated, '%' => FieldRole.Map, '~' => FieldRole.Inline, _ => FieldRole.Plain };
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            var start = role == FieldRole.Plain ? digits : digits + 1;
            fields[int.Parse(text.AsSpan(0, digits), CultureInfo.InvariantCulture)] = new ProtobufField(text[start..colon], role, text[(colon + 1)..]);
        }
        return fields.ToFrozenDictionary();
    }
}
