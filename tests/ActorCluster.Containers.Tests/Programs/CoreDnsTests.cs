using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class CoreDnsTests : IAsyncLifetime
{
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task It_says_what_it_is_answers_probes_and_ends_on_sigterm()
    {
        await using var dns = await _world.StartDnsAsync();
        dns.Stdout.Text.ShouldStartWith(".:53\nCoreDNS-1.12.1\n");
        (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:8080/health")).ShouldBe((0, "OK", ""));
        (await _world.BusyBoxAsync("wget", "-qO-", "10.96.0.10:8181/ready")).ShouldBe((0, "OK", ""));

        dns.Inner.Signal(15);

        (await dns.Main!.Exit).ShouldBe(0);
        dns.Stdout.Text.ShouldEndWith("[INFO] SIGTERM: Shutting down servers then terminating\n");
        (await _world.BusyBoxAsync("nslookup", "web")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using var taken = _world.Dns.ListenTcp(new SocketAddress(IpAddress.AnyV6, 53));
        (await _world.CreateDns().RunAsync()).ShouldBe((1, "", "Listen: listen tcp :53: bind: address already in use\n"));
    }

    [Fact]
    public async Task A_killed_server_answers_no_more()
    {
        await using var dns = await _world.StartDnsAsync();
        dns.Inner.Signal(9);
        (await dns.Main!.Exit).ShouldBe(137);
        await ProgramWorld.UntilAsync(() => _world.Dns.ListSockets().Count == 0, "its sockets are closed");
        (await _world.BusyBoxAsync("nslookup", "web")).Stdout.ShouldBe(";; connection timed out; no servers could be reached\n\n");
    }
}
