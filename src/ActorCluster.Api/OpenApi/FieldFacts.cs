using System.Collections.Frozen;

namespace ActorCluster.Api.OpenApi;

/// <summary>What the models don't tell of types and fields, and kubectl explain shows: which fields are required, which values a field has, and what both are for.</summary>
/// <remarks>
/// fields.txt is read off Kubernetes 1.36's OpenAPI documents and types: a line a type, with <c>name!</c> for required fields and <c>name=A|B</c> for enumerations.
/// descriptions.txt is our own: a line a type, a field of a type, or (with a star) a field of any type.
/// </remarks>
internal static class FieldFacts
{
    private const string Api = "io.k8s.api.";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.";
    private static readonly Lazy<FrozenDictionary<string, Fact[]>> Facts = new(() => Lines("fields.txt").ToFrozenDictionary(line => line.Key, line => Parse(line.Text)));
    private static readonly Lazy<FrozenDictionary<string, string>> Descriptions = new(() => Lines("descriptions.txt").ToFrozenDictionary(line => line.Key, line => line.Text));

    /// <param name="Values">Empty: any value.</param>
    internal sealed record Fact(string Field, bool IsRequired, string[] Values);

    /// <param name="name">The type's name in OpenAPI documents, e.g. io.k8s.api.core.v1.Container.</param>
    public static IReadOnlyList<Fact> Of(string name)
    {
        var key = name.StartsWith(Api, StringComparison.Ordinal) ? name[Api.Length..] : name.StartsWith(Meta, StringComparison.Ordinal) ? name[Meta.Length..] : name;
        return Facts.Value.GetValueOrDefault(key, []);
    }

    /// <summary>What is described: types, and fields as Type.field.</summary>
    public static IEnumerable<string> Described => Descriptions.Value.Keys;

    /// <param name="type">The type's own name, e.g. Container.</param>
    public static string? Describe(string type) => Descriptions.Value.GetValueOrDefault(type);

    public static string? Describe(string type, string field) => Descriptions.Value.GetValueOrDefault($"{type}.{field}") ?? Descriptions.Value.GetValueOrDefault($"*.{field}");

    private static Fact[] Parse(string facts) => [.. facts.Split(' ').Select(fact =>
    {
        var values = fact.IndexOf('=', StringComparison.Ordinal);
        var field = values < 0 ? fact : fact[..values];
        return new Fact(field.TrimEnd('!'), field.EndsWith('!'), values < 0 ? [] : fact[(values + 1)..].Split('|'));
    })];

    private static List<(string Key, string Text)> Lines(string resource)
    {
        using var stream = typeof(FieldFacts).Assembly.GetManifestResourceStream("ActorCluster.Api.OpenApi." + resource)!;
        using var reader = new StreamReader(stream);
        var lines = new List<(string, string)>();
        while (reader.ReadLine() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            lines.Add((line[..space], line[(space + 1)..]));
        }
        return lines;
    }
}
