using ActorCluster.Containers.Http;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Nodes.Probes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Nodes.Tests.Probes;

/// <summary>The probe against agnhost's grpc-health-checking, by HTTP/2 on both sides.</summary>
public sealed class GrpcProbeTests : IAsyncLifetime
{
    private static readonly IpAddress Address = IpAddress.Parse("10.244.1.5");
    private readonly SimulationContext _simulation = SimulationContext.RealTime(1);
    private readonly FakeNetwork _network = new(Address);
    private readonly List<IContainer> _containers = [];
    private readonly CancellationTokenSource _killed = new();
    private readonly List<Task> _serving = [];
    private readonly ServiceProvider _services;

    public GrpcProbeTests() => _services = new ServiceCollection().AddContainerHttp(_simulation).BuildServiceProvider();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var container in _containers) await container.DisposeAsync();
        await _killed.CancelAsync();
        await Task.WhenAll(_serving);
        await _services.DisposeAsync();
        _killed.Dispose();
    }

    [Fact]
    public async Task A_server_that_serves_is_healthy()
    {
        await StartAsync("--service=liveness");
        (await ProbeAsync("liveness")).ShouldBe(new ProbeResult(ProbeOutcome.Success, "service healthy"));
    }

    [Fact]
    public async Task A_service_that_the_server_does_not_know_is_a_failure() =>
        (await StartAndProbeAsync("nonesuch")).ShouldBe(ProbeResult.Failure("error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"));

    [Fact]
    public async Task A_server_may_say_that_it_is_ill_from_some_time_on() =>
        (await StartAndProbeAsync("", "--delay-unhealthy-sec=0")).ShouldBe(ProbeResult.Failure("service unhealthy (responded with \"NOT_SERVING\")"));

    [Fact]
    public async Task A_server_is_ill_and_well_as_it_is_told()
    {
        await StartAsync();
        using var client = new HttpClient(SimulatedHttpClientFactory.CreateHandler(_network, (_, _) => Task.FromResult<IReadOnlyList<IpAddress>>([Address])));
        (await client.GetAsync(new Uri("http://pod:8080/make-not-serving"))).EnsureSuccessStatusCode();
        (await ProbeAsync("")).Output.ShouldBe("service unhealthy (responded with \"NOT_SERVING\")");
        (await client.GetAsync(new Uri("http://pod:8080/make-serving"))).EnsureSuccessStatusCode();
        (await ProbeAsync("")).Outcome.ShouldBe(ProbeOutcome.Success);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_tried_until_the_probes_time_is_over()
    {
        var clock = new FakeTimeProvider();
        var probing = new GrpcProbe(_network, _simulation with { Clock = clock }).CheckAsync(new SocketAddress(Address, 5000), "", TimeSpan.FromSeconds(2), CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1));
        probing.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await probing).ShouldBe(ProbeResult.Failure("timeout: failed to connect service \"10.244.1.5:5000\" within 2s: context deadline exceeded"));
    }

    [Fact]
    public async Task A_server_that_speaks_something_else_is_a_failure()
    {
        Serve(http => http.Response.WriteAsync("hello"), http2: false);
        (await ProbeAsync("")).Output.ShouldStartWith("error: health rpc probe failed: rpc error: code = Unavailable desc = connection error: ");
    }

    [Fact]
    public async Task A_server_without_the_health_service_is_said_not_to_have_it()
    {
        Serve(http =>
        {
            http.Response.ContentType = GrpcHealth.ContentType;
            http.Response.Headers["grpc-status"] = "12";
            http.Response.Headers["grpc-message"] = "unknown service grpc.health.v1.Health";
            return Task.CompletedTask;
        }, http2: true);
        (await ProbeAsync("")).Output.ShouldBe("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health");
    }

    private async Task<ProbeResult> StartAndProbeAsync(string service, params string[] flags)
    {
        await StartAsync(flags);
        return await ProbeAsync(service);
    }

    private Task<ProbeResult> ProbeAsync(string service) => new GrpcProbe(_network, _simulation).CheckAsync(new SocketAddress(Address, 5000), service, TimeSpan.FromMinutes(1), CancellationToken.None);

    private void Serve(RequestDelegate handler, bool http2) => _serving.Add(_services.GetRequiredService<SharedHttpServer>().ServeAsync(
        _network.ListenTcp(new SocketAddress(Address, 5000)), handler, new HttpServeOptions { Http2 = http2 }, killed: _killed.Token));

    private async Task StartAsync(params string[] flags)
    {
        var output = new Said("gRPC server starting to listen on :5000");
        var container = new ContainerRuntime([new AgnHostImage()]).Create(new ContainerConfiguration(
            "c", new AgnHostImage(), null, ["grpc-health-checking", .. flags], new Dictionary<string, string>(), null, "pod", _network, [], new Dictionary<string, string>(), _simulation, _services));
        _containers.Add(container);
        container.Start(new ContainerStreams(null, output, output));
        await output.Seen.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private sealed class Said(string text) : IOutputStream
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            if (System.Text.Encoding.UTF8.GetString(data.Span).Contains(text, StringComparison.Ordinal)) _seen.TrySetResult();
            return default;
        }
    }
}
