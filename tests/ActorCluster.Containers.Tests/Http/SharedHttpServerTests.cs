using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Tests.Programs;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Stack;
using Microsoft.AspNetCore.Http;
using HttpStatusCode = System.Net.HttpStatusCode;

namespace ActorCluster.Containers.Tests.Http;

public sealed class SharedHttpServerTests : IAsyncLifetime, IDisposable
{
    private static readonly IpAddress PodAddress = IpAddress.Parse("10.244.1.5");
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private readonly TestNetwork _wire = new();
    private readonly NetworkNamespace _network;
    private readonly NetworkNamespace _peer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly List<Task> _serving = [];
    private SharedHttpServer _server = null!;

    public SharedHttpServerTests() => (_network, _peer) = (_wire.Add("10.244.1.5"), _wire.Add("10.244.2.7"));

    public Task InitializeAsync()
    {
        _server = new SharedHttpServer(_simulation);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _killed.CancelAsync();
        await Task.WhenAll(_serving);
        await _server.DisposeAsync();
        await _wire.DisposeAsync();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _killed.Dispose();
    }

    [Fact]
    public async Task Each_listener_answers_with_its_own_handler()
    {
        Serve(80, context => context.Response.WriteAsync("cart"));
        Serve(81, context => context.Response.WriteAsync("stock"));
        using var client = Client();

        (await client.GetStringAsync("http://10.244.1.5/")).ShouldBe("cart");
        (await client.GetStringAsync("http://10.244.1.5:81/")).ShouldBe("stock");
    }

    [Fact]
    public async Task A_handler_sees_the_simulated_addresses()
    {
        Serve(80, context => context.Response.WriteAsync(
            $"{context.Connection.RemoteIpAddress}>{context.Connection.LocalIpAddress}:{context.Connection.LocalPort}"));
        using var client = Client();

        (await client.GetStringAsync("http://10.244.1.5/")).ShouldBe("10.244.2.7>10.244.1.5:80");
    }

    [Fact]
    public async Task A_connection_is_used_again()
    {
        Serve(80, context => context.Response.WriteAsync(context.Connection.RemotePort.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        using var client = Client();

        var first = await client.GetStringAsync("http://10.244.1.5/");
        for (var i = 0; i < 20; i++) (await client.GetStringAsync("http://10.244.1.5/")).ShouldBe(first);
    }

    [Fact]
    public async Task Requests_of_one_connection_do_not_see_each_others_state()
    {
        Serve(80, context =>
        {
            var seen = context.Items.ContainsKey("mark") || context.Request.Headers.ContainsKey("X-Mark") && context.Items.Count > 0;
            context.Items["mark"] = true;
            return context.Response.WriteAsync(seen ? "stale" : "fresh");
        });
        using var client = Client();

        for (var i = 0; i < 5; i++) (await client.GetStringAsync("http://10.244.1.5/")).ShouldBe("fresh");
    }

    [Fact]
    public async Task A_body_of_a_megabyte_goes_both_ways_unchanged()
    {
        Serve(80, async context =>
        {
            using var whole = new MemoryStream();
            await context.Request.Body.CopyToAsync(whole);
            await context.Response.Body.WriteAsync(whole.ToArray());
        });
        using var client = Client();
        var body = new byte[1 << 20];
        _simulation.Random.NextBytes(body);

        using var response = await client.PostAsync("http://10.244.1.5/", new ByteArrayContent(body));

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(body);
    }

    [Fact]
    public async Task A_client_that_half_closes_still_gets_its_answer()
    {
        Serve(80, context => context.Response.WriteAsync("late"));
        await using var connection = await _peer.ConnectTcpAsync(new SocketAddress(PodAddress, 80));
        await connection.Output.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
        await connection.Output.CompleteAsync();

        await using var stream = new TcpConnectionStream(connection);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        (await reader.ReadToEndAsync()).ShouldEndWith("\r\n\r\nlate");
    }

    [Fact]
    public async Task A_graceful_stop_finishes_requests_and_closes_idle_connections()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        Serve(80, async context =>
        {
            if (context.Request.Path == "/slow")
            {
                entered.SetResult();
                await release.Task;
            }
            await context.Response.WriteAsync("done");
        });
        using var client = Client();
        using var other = Client();
        await other.GetStringAsync("http://10.244.1.5/");
        var slow = client.GetStringAsync("http://10.244.1.5/slow");
        await entered.Task;

        await _stopping.CancelAsync();
        _serving[0].IsCompleted.ShouldBeFalse();
        release.SetResult();

        (await slow).ShouldBe("done");
        await _serving[0];
        await Should.ThrowAsync<HttpRequestException>(client.GetStringAsync("http://10.244.1.5/"));
    }

    [Fact]
    public async Task A_connection_that_nobody_uses_does_not_hold_up_a_stop()
    {
        Serve(80, context => context.Response.WriteAsync("x"));
        await using var idle = await _peer.ConnectTcpAsync(new SocketAddress(PodAddress, 80));

        await _stopping.CancelAsync();

        await _serving[0];
    }

    [Fact]
    public async Task A_kill_resets_requests_under_way()
    {
        var entered = new TaskCompletionSource();
        Serve(80, async context =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });
        using var client = Client();
        var stuck = client.GetStringAsync("http://10.244.1.5/");
        await entered.Task;

        await _killed.CancelAsync();

        await Should.ThrowAsync<HttpRequestException>(stuck);
        await _serving[0];
    }

    [Fact]
    public async Task The_date_header_is_the_simulations()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using var server = new SharedHttpServer(_simulation with { Clock = clock });
        var serving = server.ServeAsync(_network.ListenTcp(new SocketAddress(PodAddress, 80)), context => Task.CompletedTask, killed: _killed.Token);
        using var client = Client();

        using var response = await client.GetAsync("http://10.244.1.5/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Date.ShouldBe(clock.GetUtcNow());
        await _killed.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_name_that_nobody_knows_fails_as_such()
    {
        using var client = Client();
        var failure = await Should.ThrowAsync<HttpRequestException>(client.GetStringAsync("http://nowhere/"));
        failure.InnerException.ShouldBeOfType<UnknownHostException>().Host.ShouldBe("nowhere");
    }

    private void Serve(ushort port, RequestDelegate handler) => _serving.Add(_server.ServeAsync(
        _network.ListenTcp(new SocketAddress(PodAddress, port)), handler, stopping: _stopping.Token, killed: _killed.Token));

    private HttpClient Client() => new(SimulatedHttpClientFactory.CreateHandler(
        _peer,
        (name, _) => Task.FromResult<IReadOnlyList<IpAddress>>(IpAddress.TryParse(name, out var address) ? [address] : [])));
}
