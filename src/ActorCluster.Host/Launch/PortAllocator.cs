using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Host.Launch;

/// <summary>
/// Chooses ports on loopback that a process can have again when it restarts: below the ports of services' nodes and the range from which the operating system takes the ports of
/// outgoing connections, and not those that other clusters here count on or are about to have.
/// </summary>
internal sealed class PortAllocator(RandomSource random, IEnumerable<int> reserved)
{
    private const int Lowest = 20000;

    /// <summary>The first of the services' node ports, which are opened on this machine, too (kube-apiserver's --service-node-port-range).</summary>
    private const int FirstNodePort = 30000;

    private readonly HashSet<int> _taken = [.. reserved];

    /// <exception cref="ClusterCommandException">No port is free.</exception>
    public int Next()
    {
        var end = Math.Min(FirstEphemeralPort(), FirstNodePort);
        for (var attempt = 0; attempt < 2000; attempt++)
        {
            var port = Lowest + random.Next(end - Lowest);
            if (!_taken.Contains(port) && IsFree(port) && PortReservation.TryTake(port))
            {
                _taken.Add(port);
                return port;
            }
        }

        throw new ClusterCommandException($"No free port was found on 127.0.0.1 between {Lowest} and {end - 1}. Take down clusters that you don't need any more (actorcluster list).");
    }

    /// <summary>Nobody listens on it, and we may.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As the servers themselves do on Unix: connections of a former listener that linger in TIME_WAIT don't count.
            if (!OperatingSystem.IsWindows()) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Linux tells; elsewhere 32768 is below what any system uses by default.</summary>
    private static int FirstEphemeralPort()
    {
        const string setting = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(setting)
               && int.TryParse(File.ReadAllText(setting).Split((char[])['\t', ' '])[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
               && first > Lowest + 1000
            ? Math.Min(first, 32768)
            : 32768;
    }
}
