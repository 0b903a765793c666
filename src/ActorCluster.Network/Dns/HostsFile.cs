using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>/etc/hosts (hosts(5)): an address, its canonical name, its aliases.</summary>
public sealed class HostsFile
{
    private readonly List<(IpAddress Address, string[] Names)> _lines = [];

    public HostsFile(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && IpAddress.TryParse(words[0], out var address)) _lines.Add((address, [.. words[1..].Select(name => name.TrimEnd('.'))]));
        }
    }

    public IEnumerable<IpAddress> AddressesOf(string name) =>
        _lines.Where(line => line.Names.Contains(name, StringComparer.OrdinalIgnoreCase)).Select(line => line.Address).Distinct();

    /// <summary>The first name of the first line that has a name.</summary>
    public string? CanonicalNameOf(string name) => _lines.Where(line => line.Names.Contains(name, StringComparer.OrdinalIgnoreCase)).Select(line => line.Names[0]).FirstOrDefault();

    /// <returns>Null: the file doesn't know.</returns>
    public string? NameOf(IpAddress address) => NamesOf(address).FirstOrDefault();

    /// <summary>In the file's order.</summary>
    public IEnumerable<string> NamesOf(IpAddress address) => _lines.Where(line => line.Address == address).SelectMany(line => line.Names).Distinct(StringComparer.OrdinalIgnoreCase);
}
