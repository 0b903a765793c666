using System.Globalization;
using k8s.Models;

namespace ActorCluster.Nodes.Probes;

internal static class ContainerPorts
{
    /// <summary>A port by number or by the name that the container gives it (pkg/probe/util.go).</summary>
    /// <returns>Null if there is no such port.</returns>
    public static ushort? Resolve(IntOrString? port, V1Container container)
    {
        var text = (string?)port;
        if (string.IsNullOrEmpty(text)) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number is > 0 and <= ushort.MaxValue ? (ushort)number : null;
        return (ushort?)container.Ports?.FirstOrDefault(named => named.Name == text)?.ContainerPort;
    }
}
