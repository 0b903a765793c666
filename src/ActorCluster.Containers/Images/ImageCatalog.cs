namespace ActorCluster.Containers.Images;

/// <summary>Images by the references that mean them.</summary>
internal sealed class ImageCatalog
{
    private readonly Dictionary<string, ContainerImage> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerImage> _named = new(StringComparer.Ordinal);
    private readonly List<(string Pattern, ContainerImage Image)> _patterns = [];

    /// <param name="images">Later ones take the place of earlier ones of the same name, so that a user's image can replace a built-in one.</param>
    public ImageCatalog(IEnumerable<ContainerImage> images)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            foreach (var repository in image.Repositories)
            {
                names.Add(repository);
                _named[repository] = image;
                if (repository.Contains('*', StringComparison.Ordinal) || HasTag(repository)) _patterns.Insert(0, (Full(repository), image));
                else _exact[ImageReference.Normalize(repository)] = image;
            }
        }
        // Variants of an image that is there anyway need no mention.
        Names = [.. names.Where(name => !HasTag(name) || !names.Contains(name[..name.LastIndexOf(':')]))];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The image that has this among its names, as it wrote it.</summary>
    public ContainerImage? Named(string name) => _named.GetValueOrDefault(name);

    public ContainerImage? Find(string reference)
    {
        if (!ImageReference.TryParse(reference, out var parsed)) return null;
        var tagged = $"{parsed.Repository}:{parsed.Tag}";
        foreach (var (pattern, image) in _patterns)
        {
            if (HasTag(pattern) && Matches(pattern, tagged)) return image;
        }
        if (_exact.TryGetValue(parsed.Repository, out var exact)) return exact;
        return _patterns.FirstOrDefault(p => !HasTag(p.Pattern) && Matches(p.Pattern, parsed.Repository)).Image;
    }

    private static bool HasTag(string name) => name.LastIndexOf(':') > name.LastIndexOf('/');

    private static string Full(string repository)
    {
        var colon = HasTag(repository) ? repository.LastIndexOf(':') : repository.Length;
        return repository.StartsWith('*') ? repository : ImageReference.Normalize(repository[..colon]) + repository[colon..];
    }

    private static bool Matches(string pattern, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
