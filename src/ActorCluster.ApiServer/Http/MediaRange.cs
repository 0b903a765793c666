using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>One entry of an Accept header, e.g. <c>application/json;as=Table;v=v1;g=meta.k8s.io</c>.</summary>
internal sealed record MediaRange(string Type, IReadOnlyDictionary<string, string> Parameters)
{
    public string? Parameter(string name) => Parameters.GetValueOrDefault(name);

    public bool IsJson => Type is "application/json" or "*/*" or "application/*";

    /// <summary>What the client accepts, in its order; one entry for everything when it doesn't say.</summary>
    public static IReadOnlyList<MediaRange> Of(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        if (string.IsNullOrWhiteSpace(header)) return [new MediaRange("*/*", new Dictionary<string, string>())];
        var ranges = new List<MediaRange>();
        foreach (var entry in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            var parameters = new Dictionary<string, string>();
            foreach (var part in parts.Skip(1))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0) parameters[part[..equals]] = part[(equals + 1)..];
            }
            ranges.Add(new MediaRange(parts[0].ToLowerInvariant(), parameters));
        }
        return ranges;
    }
}
