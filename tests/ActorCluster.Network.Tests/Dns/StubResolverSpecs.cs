using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Stack;

namespace ActorCluster.Network.Tests.Dns;

/// <summary>The resolver in one pod, the DNS server in another, virtual time and a wire between them.</summary>
public sealed class StubResolverSpecs : IDisposable
{
    private const string ResolvConf = """
        # as the kubelet writes it
        nameserver 10.244.9.9
        search default.svc.cluster.local svc.cluster.local cluster.local
        options ndots:5
        """;

    private readonly VirtualWorld _world = new();
    private readonly NetworkTablesSource _tables = new();
    private readonly NetworkNamespace _server;
    private readonly StubResolver _resolver;

    public StubResolverSpecs()
    {
        _tables.Publish(DnsWorld.Tables);
        _server = _world.Add("10.244.9.9");
        ClusterDnsServer.Start(_server, _tables, _world.Simulation);
        _resolver = Resolver();
    }

    [Theory]
    [InlineData("web", "10.96.0.50")]
    [InlineData("web.default", "10.96.0.50")]
    [InlineData("web.default.svc", "10.96.0.50")]
    [InlineData("web.default.svc.cluster.local", "10.96.0.50")]
    [InlineData("web.default.svc.cluster.local.", "10.96.0.50")]
    [InlineData("alias", "10.96.0.50")]
    [InlineData("db-0.db", "10.244.1.2")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("Pod-Alias", "10.1.1.1")]
    public void Names_resolve(string name, string address) => Resolve(_resolver, name).ShouldBe([address]);

    [Theory]
    [InlineData("nosuch")]
    [InlineData("example.com")]
    [InlineData("outside")]
    [InlineData("loop")]
    [InlineData("web.")]
    [InlineData("a..b")]
    [InlineData("")]
    public void Names_that_do_not_exist_are_not_found(string name)
    {
        var fault = Should.Throw<DnsFaultException>(() => Resolve(_resolver, name));
        (fault.Fault, fault.Message).ShouldBe((DnsFault.NotFound, "Name or service not known"));
    }

    [Fact]
    public void A_long_answer_comes_by_tcp()
    {
        Resolve(_resolver, "many").Length.ShouldBe(200);
        _world.Sent.OfType<TcpPacket>().ShouldNotBeEmpty();
    }

    [Fact]
    public void A_lost_question_is_asked_again()
    {
        var lossy = new VirtualWorld(4) { LossPercent = 30 };
        ClusterDnsServer.Start(lossy.Add("10.244.9.9"), _tables, lossy.Simulation);
        var resolver = new StubResolver(lossy.Add("10.244.1.2"), ResolvConf + "\noptions attempts:5", "", lossy.Simulation);
        lossy.Run(resolver.ResolveAsync("web")).Single().ToString().ShouldBe("10.96.0.50");
    }

    [Fact]
    public void A_server_that_does_not_answer_makes_it_try_again_after_two_times_five_seconds()
    {
        var resolver = new StubResolver(_world.Add("10.244.1.9"), "nameserver 10.244.8.8", "", _world.Simulation);
        var resolving = resolver.ResolveAsync("web");
        _world.RunFor(TimeSpan.FromSeconds(9));
        resolving.IsCompleted.ShouldBeFalse();
        Should.Throw<DnsFaultException>(() => _world.Run(resolving, TimeSpan.FromSeconds(2))).Fault.ShouldBe(DnsFault.TryAgain);
    }

    [Fact]
    public void A_refusing_server_is_passed_over_for_the_next()
    {
        _world.Add("10.244.8.8"); // a host without a DNS server
        var resolver = new StubResolver(_world.Add("10.244.1.9"), "nameserver 10.244.8.8\n" + ResolvConf, "", _world.Simulation);
        _world.Run(resolver.ResolveAsync("web"), TimeSpan.FromSeconds(1)).Count.ShouldBe(1);
    }

    [Fact]
    public void Questions_can_be_asked_as_dig_does()
    {
        var denied = _world.Run(_resolver.QueryAsync("web", DnsType.A));
        (denied.Message.ResponseCode, denied.Server).ShouldBe((DnsResponseCode.NameError, new SocketAddress(IpAddress.Parse("10.244.9.9"), 53)));
        var found = _world.Run(_resolver.QueryAsync("web", DnsType.A, new() { Search = true, Tcp = true }));
        (found.Name, found.Message.Answers.Length).ShouldBe(("web.default.svc.cluster.local", 1));
        _world.Run(_resolver.ReverseAsync(IpAddress.Parse("10.96.0.50"))).ShouldBe("web.default.svc.cluster.local");
        _world.Run(_resolver.ReverseAsync(IpAddress.Parse("10.1.1.1"))).ShouldBe("pod-alias");
    }

    [Fact]
    public void Nonsense_does_not_stop_the_server()
    {
        var client = _world.Add("10.244.1.9");
        var socket = client.BindUdp(new(IpAddress.AnyV4, 0));
        var server = new SocketAddress(IpAddress.Parse("10.244.9.9"), 53);
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            socket.Send(bytes, server);
        }
        socket.Dispose(); // and its answers meet a closed port
        Resolve(_resolver, "web").ShouldBe(["10.96.0.50"]);
    }

    [Fact]
    public void A_second_server_in_the_same_namespace_finds_the_port_taken()
    {
        Should.Throw<SocketFaultException>(() => ClusterDnsServer.Start(_server, _tables, _world.Simulation)).Fault.ShouldBe(SocketFault.AddressInUse);
        var pod = _world.Add("10.244.7.7");
        var server = ClusterDnsServer.Start(pod, _tables, _world.Simulation);
        _world.RunWithOthers(_world.Simulation.Start(() => server.DisposeAsync().AsTask()));
        pod.ListSockets().ShouldBeEmpty();
    }

    public void Dispose() => _server.Dispose();

    private StubResolver Resolver() =>
        new(_world.Add("10.244.1.2"), ResolvConf, "127.0.0.1 localhost\n10.1.1.1 pod-alias other # mine", _world.Simulation);

    private string[] Resolve(StubResolver resolver, string name) => [.. _world.Run(resolver.ResolveAsync(name)).Select(address => address.ToString())];
}
