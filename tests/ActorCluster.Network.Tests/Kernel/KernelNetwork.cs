using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Network.Addresses;
using Microsoft.Win32.SafeHandles;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>
/// A network namespace of the kernel's with one TUN device in it. It has no name: it belongs to one thread and to the sockets made on that
/// thread, and is gone with them however the test ends. The machine's own interfaces and routes are never touched.
/// </summary>
internal sealed class KernelNetwork : IDisposable
{
    private const string Device = "tun0";

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    /// <param name="settings">Of /proc/sys/net, "ipv4/tcp_sack" and its value.</param>
    public KernelNetwork(int maximumTransmissionUnit, IEnumerable<(string Name, string Value)> settings)
    {
        _thread = new Thread(DoWork) { Name = "The kernel's namespace", IsBackground = true };
        _thread.Start();
        Tun = Run(() =>
        {
            LinuxCalls.LeaveNetwork();
            var tun = LinuxCalls.OpenTun(Device);
            Ip("link", "set", "lo", "up");
            Ip("link", "set", Device, "mtu", $"{maximumTransmissionUnit}", "up");
            Ip("address", "add", $"{AddressV4}/24", "dev", Device);
            Ip("-6", "address", "add", $"{AddressV6}/64", "dev", Device, "nodad");
            // /proc/sys/net is that of the thread's own namespace.
            foreach (var (name, value) in settings) File.WriteAllText($"/proc/sys/net/{name}", value);
            return tun;
        });
    }

    public static readonly IpAddress AddressV4 = IpAddress.Parse("192.0.2.1");
    public static readonly IpAddress AddressV6 = IpAddress.Parse("fd00:ac::1");

    public SafeFileHandle Tun { get; }

    /// <summary>Has the kernel itself lose, delay and reorder what it sends, by netem.</summary>
    /// <returns>False: this kernel has no netem.</returns>
    public bool TryImpair(params string[] netem) => Run(() => Execute("tc", ["qdisc", "add", "dev", Device, "root", "netem", .. netem]).ExitCode == 0);

    /// <summary>A TCP or UDP socket of this namespace.</summary>
    public Socket OpenSocket(AddressFamily family, SocketType type = SocketType.Stream) =>
        Run(() => new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));

    public Socket Listen(IPEndPoint local, int receiveBuffer = 0)
    {
        var listener = OpenSocket(local.AddressFamily);
        if (receiveBuffer != 0) listener.ReceiveBufferSize = receiveBuffer; // before the handshake: it decides on the window scale
        listener.Bind(local);
        listener.Listen(1000);
        return listener;
    }

    public (int ExitCode, string Output) Execute(string program, params string[] arguments) => Run(() =>
    {
        // A child starts in the namespace of the thread that starts it.
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    });

    /// <summary>One of the kernel's counters of this namespace, by its name in /proc/net/snmp or netstat ("Tcp", "InErrs").</summary>
    public long Counter(string group, string name) => Run(() =>
    {
        foreach (var file in (string[])["snmp", "netstat"])
        {
            var lines = File.ReadAllLines($"/proc/thread-self/net/{file}").Where(line => line.StartsWith(group + ":", StringComparison.Ordinal)).ToArray();
            if (lines.Length < 2) continue;
            var at = Array.IndexOf(lines[0].Split(' '), name);
            if (at > 0) return long.Parse(lines[1].Split(' ')[at], System.Globalization.CultureInfo.InvariantCulture);
        }
        throw new ArgumentException($"The kernel has no counter {group} {name}.", nameof(name));
    });

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        Tun.Dispose();
        _work.Dispose();
    }

    private void Ip(params string[] arguments)
    {
        var (code, output) = Execute("ip", arguments);
        if (code != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {output}");
    }

    private T Run<T>(Func<T> action)
    {
        if (Thread.CurrentThread == _thread) return action();
        var done = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try
            {
                done.SetResult(action());
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    private void DoWork()
    {
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }
}
