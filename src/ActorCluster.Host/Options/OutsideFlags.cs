using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Host.Options;

/// <summary>
/// The option <c>--outside NAME[:PORT]=HOST:PORT</c>: a name outside the cluster that pods may reach, and where it really leads. Each name gets an
/// address of 172.18.254.0/24, in the order in which the names come, so that all processes of a cluster find the same.
/// </summary>
public static partial class OutsideFlags
{
    public const string Name = "--outside";

    /// <summary>What PORT is for a name without one: a browser's.</summary>
    private const ushort UsualPort = 80;

    private const int MaximumNames = 250;
    private const int LongestName = 253;
    private static readonly IpAddress Base = IpAddress.Parse("172.18.254.0");

    internal static string ToArgument(string binding) => $"{Name}={binding}";

    /// <exception cref="OptionsInvalidException">With all that is wrong.</exception>
    public static ImmutableArray<OutsideBinding> Parse(IReadOnlyList<string> texts)
    {
        var errors = new List<string>();
        var bindings = Parse(texts, errors);
        OptionsInvalidException.ThrowIfAny(errors);
        return bindings;
    }

    /// <param name="errors">Gets what is wrong.</param>
    internal static ImmutableArray<OutsideBinding> Parse(IReadOnlyList<string> texts, List<string> errors)
    {
        var names = new List<string>();
        var bindings = ImmutableArray.CreateBuilder<OutsideBinding>();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var (left, right) = equals < 0 ? (text, "") : (text[..equals], text[(equals + 1)..]);
            var (name, portText) = Split(left);
            name = name.TrimEnd('.').ToLowerInvariant();
            var port = UsualPort;
            if (equals < 0 || (portText is not null && !TryPort(portText, out port)) || Split(right) is not ({ Length: > 0 } host, { } realText) || !TryPort(realText, out var real))
            {
                errors.Add($"{Name} '{text}' can't be read: write NAME[:PORT]=HOST:PORT, for example api.example.com:80=127.0.0.1:8080.");
                continue;
            }
            host = host is ['[', .. var inner, ']'] ? inner : host;
            if (name.Length > LongestName || !DomainName().IsMatch(name) || IpAddress.TryParse(name, out _))
                errors.Add($"{Name} '{text}': '{name}' is not a DNS name, such as api.example.com.");
            else if (name == "localhost" || name == WellKnown.ClusterDomain || name.EndsWith("." + WellKnown.ClusterDomain, StringComparison.Ordinal))
                errors.Add($"{Name} '{text}': '{name}' is a name of the cluster's own.");
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                errors.Add($"{Name} '{text}': '{host}' is neither a host name nor an IP address.");
            if (bindings.Any(other => other.Name == name && other.Inside.Port == port))
                errors.Add($"{Name} '{text}': port {port} of {name} is bound more than once.");
            if (!names.Contains(name)) names.Add(name);
            bindings.Add(new(name, new(IpAddress.FromV4(Base.V4Bits + (uint)names.IndexOf(name) + 1), port), host, real));
        }
        if (names.Count > MaximumNames) errors.Add($"{names.Count} names for {Name} are more than there are addresses for: use at most {MaximumNames}.");
        return bindings.ToImmutable();
    }

    /// <summary>A host and the port behind it, if there is one; an IPv6 address is in brackets then.</summary>
    private static (string Host, string? Port) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon < 0 || text.EndsWith(']') ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0;

    [GeneratedRegex(@"\A[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?)*\z")]
    private static partial Regex DomainName();
}
