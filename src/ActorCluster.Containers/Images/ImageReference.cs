using System.Text.RegularExpressions;

namespace ActorCluster.Containers.Images;

/// <summary>An image's name, taken apart as the container world does it (github.com/distribution/reference): docker.io and library/ are implied.</summary>
/// <param name="Repository">In full: "docker.io/library/nginx".</param>
/// <param name="Tag">"latest" if neither a tag nor a digest is given.</param>
public sealed partial record ImageReference(string Repository, string? Tag, string? Digest)
{
    public override string ToString() => Repository + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <returns>False for what the kubelet calls InvalidImageName.</returns>
    public static bool TryParse(string text, out ImageReference reference)
    {
        reference = new("", null, null);
        if (string.IsNullOrEmpty(text) || text.Length > 512) return false;
        var match = Grammar().Match(text);
        if (!match.Success) return false;
        var digest = match.Groups["digest"] is { Success: true } d ? d.Value : null;
        var tag = match.Groups["tag"] is { Success: true } t ? t.Value : digest is null ? "latest" : null;
        reference = new(Normalize(match.Groups["name"].Value), tag, digest);
        return true;
    }

    /// <summary>The repository in full.</summary>
    internal static string Normalize(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        if (first is "index.docker.io") return Normalize("docker.io/" + name[(slash + 1)..]);
        if (first is "localhost" || first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal))
            return first == "docker.io" && name.IndexOf('/', slash + 1) < 0 ? "docker.io/library/" + name[(slash + 1)..] : name;
        return slash < 0 ? "docker.io/library/" + name : "docker.io/" + name;
    }

    /// <remarks>Compiled with the program. Each separator tells where the next part begins, so that going back takes time in proportion to the text.</remarks>
    [GeneratedRegex(@"^(?<name>(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$")]
    private static partial Regex Grammar();
}
