using System.Globalization;
using ActorCluster.Host.Launch;

namespace ActorCluster.Host.Options;

/// <summary>A node and its number in the cluster, from 1, which decides its addresses: node n has 172.18.0.(n+1), its pods 10.244.n.0/24.</summary>
public readonly record struct NodeSlot(string Name, int Index)
{
    /// <summary>Reads "name:index".</summary>
    public static bool TryParse(string text, out NodeSlot slot)
    {
        slot = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
        slot = new(text[..colon], index);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Index}");

    internal IEnumerable<string> Validate()
    {
        if (!ObjectNames.IsLabel(Name)) yield return $"'{Name}' is not a node name: use lower-case letters, digits and '-'.";
        if (Index is < 1 or > ClusterOptions.MaximumNodes) yield return $"Node {Name} has the number {Index}: use 1 to {ClusterOptions.MaximumNodes}.";
    }
}
