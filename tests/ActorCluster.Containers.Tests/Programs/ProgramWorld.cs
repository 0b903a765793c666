using System.Collections.Immutable;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>Two pods and the cluster's DNS on one wire, a clock that stands still, and tables with a few services.</summary>
internal sealed class ProgramWorld : IAsyncDisposable
{
    public const string ServerAddress = "10.244.1.5";
    public const string ClientAddress = "10.244.2.7";

    /// <summary>Knows nothing: what isn't the cluster's doesn't exist.</summary>
    private const string NodeResolver = "172.18.0.1";

    private readonly CancellationTokenSource _killed = new();
    private readonly List<Task> _serving = [];

    public ProgramWorld()
    {
        var tables = new NetworkTablesSource();
        tables.Publish(NetworkTables.Empty
            .WithService(new ServiceEntry("default", "kubernetes", [IpAddress.Parse("10.96.0.1")], null, [Port("default/kubernetes", "https", 443)]))
            .WithService(new ServiceEntry("default", "web", [IpAddress.Parse("10.96.7.7"), IpAddress.Parse("fd00:96::7")], null, [Port("default/web", "http", 80)]))
            .WithService(new ServiceEntry("default", "many", [], null, [Port("default/many", "", 80) with
            {
                Ready = [new(IpAddress.Parse("10.244.1.5"), 80, "n"), new(IpAddress.Parse("10.244.1.6"), 80, "n"), new(IpAddress.Parse("10.244.1.7"), 80, "n")],
            }]))
            .WithService(new ServiceEntry("shop", "search", [], "example.com", [])));
        Lab = new TestLab(services => services.AddSingleton(tables), Clock);
        Wire = new TestNetwork(Lab.Simulation);
        (Server, Client, Dns) = (Wire.Add(ServerAddress), Wire.Add(ClientAddress), Wire.Add("10.96.0.10"));
        ClusterDnsServer.Start(Wire.Add(NodeResolver), new NetworkTablesSource(), Lab.Simulation, new ClusterDnsOptions { Zones = [] });
    }

    public ObservedClock Clock { get; } = new();
    public TestLab Lab { get; }
    public TestNetwork Wire { get; }
    public NetworkNamespace Server { get; }
    public NetworkNamespace Client { get; }

    /// <summary>Where the tests' resolv.conf looks for the name server.</summary>
    public NetworkNamespace Dns { get; }

    /// <summary>Answers requests to the server's pod.</summary>
    public void Serve(RequestDelegate handler, ushort port = 80) => _serving.Add(
        Lab.Services.GetRequiredService<SharedHttpServer>().ServeAsync(Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, port)), handler, killed: _killed.Token));

    /// <summary>Runs a command in a fresh container of an image to its end.</summary>
    public Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(string image, params string[] command) => Lab.Create(image, Client, command: command).RunAsync();

    public Task<(int ExitCode, string Stdout, string Stderr)> BusyBoxAsync(params string[] command) => RunAsync("busybox", command);

    public TestContainer CreateDns() => Lab.Create(
        "registry.k8s.io/coredns/coredns:v1.12.1", Dns, arguments: ["-conf", "/etc/coredns/Corefile"],
        files: new Dictionary<string, string> { ["/etc/coredns/Corefile"] = ".:53 {\n health\n ready\n prometheus\n loadbalance\n kubernetes cluster.local in-addr.arpa ip6.arpa\n forward . " + NodeResolver + "\n}\n" });

    public async Task<TestContainer> StartDnsAsync()
    {
        var dns = CreateDns().Start();
        await dns.Stdout.WaitForAsync("CoreDNS-");
        return dns;
    }

    /// <summary>For what announces itself nowhere.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            limit.IsCancellationRequested.ShouldBeFalse($"never: {what}");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _killed.CancelAsync();
        await Task.WhenAll(_serving);
        await Lab.DisposeAsync();
        await Wire.DisposeAsync();
        _killed.Dispose();
    }

    private static ServicePort Port(string service, string name, ushort port) =>
        new(service, name, IpProtocol.Tcp, port, true, [new ServiceEndpoint(IpAddress.Parse(ServerAddress), port, "node-1")], ImmutableArray<ServiceEndpoint>.Empty);
}
