using System.Globalization;
using System.Net;

namespace ActorCluster.Cli.Commands.Network;

internal enum TargetKind
{
    Pod,
    Service,
    Node,
    Address,

    /// <summary>A DNS name, as the sender's programs would look it up.</summary>
    Name,
}

/// <summary>One end of a trace as the user writes it: pod/NAME, pod/NAMESPACE/NAME, svc/NAME:PORT, node/NAME:PORT, ADDRESS:PORT or DNSNAME:PORT.</summary>
/// <param name="Name">The object's name, the address or the DNS name.</param>
/// <param name="Port">A number, for services also a port's name; "" if none was given.</param>
internal sealed record NetworkTarget(TargetKind Kind, string? Namespace, string Name, string Port)
{
    /// <returns>Null: it can't be read.</returns>
    public static NetworkTarget? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return ParseAddress(text) ?? ParseName(text);
        TargetKind? kind = text[..slash] switch
        {
            "pod" or "pods" or "po" => TargetKind.Pod,
            "svc" or "service" or "services" => TargetKind.Service,
            "node" or "nodes" or "no" => TargetKind.Node,
            _ => null,
        };
        var rest = text[(slash + 1)..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var (path, port) = colon < 0 ? (rest, "") : (rest[..colon], rest[(colon + 1)..]);
        if (kind is null || (colon >= 0 && port.Length == 0) || (kind != TargetKind.Service && port.Length > 0 && !IsPort(port))) return null;
        return path.Split('/') switch
        {
            [{ Length: > 0 } name] => new(kind.Value, null, name, port),
            [{ Length: > 0 } ns, { Length: > 0 } name] when kind != TargetKind.Node => new(kind.Value, ns, name, port),
            _ => null,
        };
    }

    public static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;

    private static NetworkTarget? ParseName(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, port) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        if (colon >= 0 && !IsPort(port)) return null;
        // A last label of digits only would be a mistyped address.
        var labels = name.TrimEnd('.').Split('.');
        return labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit) ? new(TargetKind.Name, null, name, port) : null;
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static NetworkTarget? ParseAddress(string text)
    {
        // Of "[fd00::1]:53" this parser would silently leave the port out.
        if (!text.StartsWith('[') && IPAddress.TryParse(text, out var alone)) return new(TargetKind.Address, null, alone.ToString(), "");
        if (!IPEndPoint.TryParse(text, out var both) || both.Port == 0) return null;
        return new(TargetKind.Address, null, both.Address.ToString(), both.Port.ToString(CultureInfo.InvariantCulture));
    }
}
