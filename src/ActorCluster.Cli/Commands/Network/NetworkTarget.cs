using System.Globalization;
using System.Net;

namespace ActorCluster.Cli.Commands.Network;

internal enum TargetKind
{
    Pod,
    Service,
    Address,
}

/// <summary>One end of a trace as the user writes it: pod/NAME, pod/NAMESPACE/NAME, svc/NAME:PORT or ADDRESS:PORT.</summary>
/// <param name="Name">The pod's or service's name, or the address.</param>
/// <param name="Port">A number, for services also a port's name; "" if none was given.</param>
internal sealed record NetworkTarget(TargetKind Kind, string? Namespace, string Name, string Port)
{
    /// <returns>Null: it can't be read.</returns>
    public static NetworkTarget? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return ParseAddress(text);
        TargetKind? kind = text[..slash] switch
        {
            "pod" or "pods" or "po" => TargetKind.Pod,
            "svc" or "service" or "services" => TargetKind.Service,
            _ => null,
        };
        var rest = text[(slash + 1)..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var (path, port) = colon < 0 ? (rest, "") : (rest[..colon], rest[(colon + 1)..]);
        if (kind is null || (colon >= 0 && port.Length == 0) || (kind == TargetKind.Pod && port.Length > 0 && !IsPort(port))) return null;
        return path.Split('/') switch
        {
            [{ Length: > 0 } name] => new(kind.Value, null, name, port),
            [{ Length: > 0 } ns, { Length: > 0 } name] => new(kind.Value, ns, name, port),
            _ => null,
        };
    }

    public static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;

    private static NetworkTarget? ParseAddress(string text)
    {
        // Of "[fd00::1]:53" this parser would silently leave the port out.
        if (!text.StartsWith('[') && IPAddress.TryParse(text, out var alone)) return new(TargetKind.Address, null, alone.ToString(), "");
        if (!IPEndPoint.TryParse(text, out var both) || both.Port == 0) return null;
        return new(TargetKind.Address, null, both.Address.ToString(), both.Port.ToString(CultureInfo.InvariantCulture));
    }
}
