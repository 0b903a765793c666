using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>Makes curl's connections: --resolve, -4 and -6, --interface, the timeout, and the lines of -v about them. Connections are kept for the next URL.</summary>
internal sealed class CurlConnector : IDisposable
{
    private readonly ProcessContext _context;
    private readonly CurlOptions _options;
    private readonly Dictionary<string, HttpTap> _taps = [];
    private readonly Dictionary<string, ITcpConnection> _connections = [];
    private readonly SocketsHttpHandler _handler;
    private bool _hasConnected;

    public CurlConnector(ProcessContext context, CurlOptions options)
    {
        (_context, _options) = (context, options);
        _handler = SimulatedHttpClientFactory.CreateHandler();
        // The handler writes an IPv6 address in brackets.
        _handler.ConnectCallback = async (connecting, _) => await ConnectAsync(connecting.DnsEndPoint.Host.Trim('[', ']'), (ushort)connecting.DnsEndPoint.Port);
        _handler.PlaintextStreamFilter = (filtering, _) =>
        {
            var uri = filtering.InitialRequestMessage.RequestUri!;
            return ValueTask.FromResult<Stream>(_taps[uri.Authority] = new HttpTap(filtering.PlaintextStream));
        };
        _handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Validate };
        Http = new HttpMessageInvoker(_handler);
    }

    public HttpMessageInvoker Http { get; }

    /// <summary>The transfer under way, for its times, its deadline and its verbose lines.</summary>
    public CurlInfo Info { get; set; } = new();

    public CancellationToken Deadline { get; set; }

    public Func<TimeSpan> Elapsed { get; set; } = static () => TimeSpan.Zero;

    /// <summary>Why the last attempt to connect failed.</summary>
    public CurlFault? Failure { get; private set; }

    /// <summary>A new request starts: it may connect once, whether for want of a connection or because the kept one turned out to be closed.</summary>
    public void BeginRequest(Uri uri)
    {
        TapFor(uri)?.Reset();
        _hasConnected = false;
        Failure = null;
    }

    /// <summary>What the connection to a URL's host has seen; null if there is none.</summary>
    public HttpTap? TapFor(Uri uri) => _taps.GetValueOrDefault(uri.Authority);

    public ITcpConnection? ConnectionFor(Uri uri) => _connections.GetValueOrDefault(Key(uri.DnsSafeHost, (ushort)uri.Port));

    public void Dispose() => Http.Dispose();

    private async Task<Stream> ConnectAsync(string host, ushort port)
    {
        try
        {
            // HttpClient sends a request anew when a connection ends without a word; curl does so only where the connection was an older one.
            if (_hasConnected) throw new CurlFault(CurlFault.GotNothing, "Empty reply from server");
            using var limit = new CancellationTokenSource(_options.ConnectTimeout ?? Timeout.InfiniteTimeSpan, _context.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, Deadline);
            var addresses = await ResolveAsync(host, port, either.Token);
            var connection = await ConnectAsync(host, port, addresses, either.Token);
            _hasConnected = true;
            Info.Connects++;
            Info.Connect = Elapsed();
            _connections[Key(host, port)] = connection;
            await NoteAsync($"Connected to {host} ({connection.Remote.Address}) port {port}");
            return new TcpConnectionStream(connection);
        }
        catch (CurlFault failure)
        {
            Failure = failure;
            throw;
        }
    }

    private async Task<IReadOnlyList<IpAddress>> ResolveAsync(string host, ushort port, CancellationToken cancellationToken)
    {
        var isLiteral = IpAddress.TryParse(host, out _);
        IReadOnlyList<IpAddress> addresses;
        try
        {
            addresses = Overridden(host, port) ?? await HostNames.ResolveAsync(_context, host, cancellationToken);
        }
        catch (OperationCanceledException) when (!_context.Killed.IsCancellationRequested)
        {
            throw new CurlFault(CurlFault.OperationTimedOut, $"Resolving timed out after {Milliseconds()} milliseconds");
        }
        addresses = [.. addresses.Where(address => address.IsV4 ? !_options.OnlyV6 : !_options.OnlyV4)];
        if (addresses.Count == 0)
        {
            await NoteAsync($"Could not resolve host: {host}");
            throw new CurlFault(CurlFault.CouldNotResolveHost, $"Could not resolve host: {host}", afterConnecting: false);
        }
        Info.NameLookup = Elapsed();
        if (isLiteral) return addresses;
        await NoteAsync($"Host {host}:{port} was resolved.");
        await NoteAsync($"IPv6: {Join(addresses.Where(address => !address.IsV4))}");
        await NoteAsync($"IPv4: {Join(addresses.Where(address => address.IsV4))}");
        return addresses;

        static string Join(IEnumerable<IpAddress> list) => string.Join(", ", list) is { Length: > 0 } text ? text : "(none)";
    }

    private async Task<ITcpConnection> ConnectAsync(string host, ushort port, IReadOnlyList<IpAddress> addresses, CancellationToken cancellationToken)
    {
        SocketFaultException? last = null;
        foreach (var address in addresses)
        {
            var remote = new SocketAddress(address, port);
            await NoteAsync($"  Trying {remote}...");
            try
            {
                return await _context.Network.ConnectTcpAsync(remote, LocalAddress(address), cancellationToken);
            }
            catch (SocketFaultException fault)
            {
                last = fault;
                await NoteAsync($"connect to {address} port {port} from {LocalAddress(address)?.Address ?? _context.Network.AddressTowards(address)} port 0 failed: {fault.Message}");
            }
            catch (OperationCanceledException) when (!_context.Killed.IsCancellationRequested)
            {
                throw new CurlFault(CurlFault.OperationTimedOut, $"Connection timed out after {Milliseconds()} milliseconds");
            }
        }
        var code = last!.Fault == SocketFault.TimedOut ? CurlFault.OperationTimedOut : CurlFault.CouldNotConnect;
        await NoteAsync($"Failed to connect to {host} port {port} after {Milliseconds()} ms: Could not connect to server");
        throw new CurlFault(
            code, $"Failed to connect to {host} port {port} after {Milliseconds()} ms: Could not connect to server", last.Fault == SocketFault.ConnectionRefused);
    }

    /// <summary>--interface takes an address or the name of the pod's one interface.</summary>
    private SocketAddress? LocalAddress(IpAddress remote)
    {
        if (_options.Interface is not { } name) return null;
        if (name.StartsWith("if!", StringComparison.Ordinal) || name.StartsWith("host!", StringComparison.Ordinal)) name = name[(name.IndexOf('!', StringComparison.Ordinal) + 1)..];
        var loopback = remote.IsV4 ? IpAddress.LoopbackV4 : IpAddress.LoopbackV6;
        var local = name switch
        {
            "eth0" => _context.Network.Addresses.FirstOrDefault(address => address.IsV4 == remote.IsV4),
            "lo" => loopback,
            _ when IpAddress.TryParse(name, out var address) => address,
            _ => throw new CurlFault(CurlFault.InterfaceFailed, $"Couldn't bind to '{name}'"),
        };
        if (!local.IsLoopback && !_context.Network.Addresses.Contains(local)) throw new CurlFault(CurlFault.InterfaceFailed, "bind failed with errno 99: Address not available");
        return new SocketAddress(local, 0);
    }

    /// <summary>--resolve host:port:address[,address]; host may be '*'.</summary>
    private List<IpAddress>? Overridden(string host, ushort port)
    {
        foreach (var entry in _options.Resolve)
        {
            var parts = entry.TrimStart('+', '-').Split(':', 3);
            if (parts.Length != 3 || (parts[0] != "*" && !parts[0].Equals(host, StringComparison.OrdinalIgnoreCase)) || parts[1] != port.ToString(CultureInfo.InvariantCulture)) continue;
            return [.. parts[2].Split(',').Select(text => IpAddress.Parse(text.Trim('[', ']')))];
        }
        return null;
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_options.Insecure) return true;
        if (_options.CaCertificate is not { } file) return errors == SslPolicyErrors.None;
        using var reader = new StreamReader(_context.Files.Open(_context.FullPath(file), FileOpen.Read));
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(reader.ReadToEnd());
        return TrustedRoots.Trust(roots, certificate, chain, errors, _context.Clock);
    }

    private async Task NoteAsync(string text)
    {
        if (_options.Verbose) await _context.PrintErrorAsync($"* {text}\n");
    }

    private long Milliseconds() => (long)Elapsed().TotalMilliseconds;

    private static string Key(string host, ushort port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
