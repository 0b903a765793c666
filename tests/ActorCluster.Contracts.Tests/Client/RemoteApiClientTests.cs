using System.Net;
using System.Text;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Client.Remote;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Contracts.Tests.Client;

public sealed class RemoteApiClientTests : IAsyncLifetime
{
    private static readonly ResourceName Pods = new("", "pods");
    private readonly ScriptedApi _api = new();
    private readonly FakeTimeProvider _clock = new();
    private ActorSystem _server = null!;
    private ActorSystem _worker = null!;
    private RemoteApiClient _client = null!;
    private Address _address = null!;

    private SimulationContext Simulation => SimulationContext.RealTime(1) with { Clock = _clock };

    public Task InitializeAsync()
    {
        _server = StartControlPlane(0);
        _address = ActorSystems.AddressOf(_server);
        _worker = ActorSystems.Remote();
        _client = new RemoteApiClient(_worker, Simulation, _address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _worker.Terminate();
        await _server.Terminate();
    }

    [Fact]
    public async Task A_request_and_its_answer_cross_the_processes_unchanged()
    {
        _api.OnSend = static (_, _) => Task.FromResult(new ApiResponse(409, "no"u8.ToArray(), ["careful"]));
        var request = new ApiRequest(ApiVerb.Patch, new ResourceName("apps", "deployments"), "ns", "web", "scale", "v1", "{\"a\":1}"u8.ToArray(),
            PatchType.Merge, new ApiRequestOptions { FieldManager = "me", Limit = 3, DryRun = true, User = "node-1" });

        var response = await SendAsync(request);

        response.StatusCode.ShouldBe(409);
        response.Warnings.ShouldBe(["careful"]);
        Encoding.UTF8.GetString(response.Body.Span).ShouldBe("no");
        var seen = _api.Requests.ShouldHaveSingleItem();
        (seen with { Body = default }).ShouldBe(request with { Body = default });
        seen.Body.ToArray().ShouldBe(request.Body.ToArray());
    }

    [Fact]
    public async Task A_slow_request_holds_up_no_other()
    {
        var slow = new TaskCompletionSource<ApiResponse>();
        _api.OnSend = (request, _) => request.Name == "slow" ? slow.Task : Task.FromResult(new ApiResponse(200, default, []));

        var first = SendAsync(new ApiRequest(ApiVerb.Get, Pods, Name: "slow"));
        await SendAsync(new ApiRequest(ApiVerb.Get, Pods, Name: "fast"));

        first.IsCompleted.ShouldBeFalse();
        slow.SetResult(new ApiResponse(204, default, []));
        (await first).StatusCode.ShouldBe(204);
    }

    [Fact]
    public async Task A_client_learns_where_the_API_listens_for_HTTPS()
    {
        _api.OnSend = static (_, _) => Task.FromResult(new ApiResponse(200, default, []));
        await SendAsync(new ApiRequest(ApiVerb.List, Pods));
        _client.HttpsEndPoint.ShouldBeNull();

        var gateway = await _server.ActorSelection(WellKnown.ApiGatewayPath).ResolveOne(ActorSystems.Patience);
        ApiGatewayActor.TellHttpsPort(gateway, 6443);
        await SendAsync(new ApiRequest(ApiVerb.List, Pods)); // told before it is answered

        _client.HttpsEndPoint.ShouldBe(new IPEndPoint(IPAddress.Loopback, 6443));
        await using var another = new RemoteApiClient(_worker, Simulation, _address);
        await another.SendAsync(new ApiRequest(ApiVerb.List, Pods));
        another.HttpsEndPoint.ShouldBe(_client.HttpsEndPoint);
    }

    [Fact]
    public async Task A_body_of_many_megabytes_arrives_whole()
    {
        var body = new byte[20_000_000];
        new RandomSource(3).NextBytes(body);
        _api.OnSend = (_, _) => Task.FromResult(new ApiResponse(200, body, []));

        var response = await SendAsync(new ApiRequest(ApiVerb.List, Pods));

        response.Body.Span.SequenceEqual(body).ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancelled_request_is_cancelled_at_the_server()
    {
        var cancelled = new TaskCompletionSource();
        _api.OnSend = async (_, ct) =>
        {
            ct.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        };
        using var cancellation = new CancellationTokenSource();
        var call = SendAsync(new ApiRequest(ApiVerb.Get, Pods), cancellation.Token);
        await UntilAsync(() => !_api.Requests.IsEmpty);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task A_fault_of_the_pipeline_is_an_internal_error_and_unavailability_stays_unavailability()
    {
        _api.OnSend = static (request, _) => throw (request.Name == "bug" ? new InvalidOperationException("oh") : new ApiUnavailableException("starting"));

        (await SendAsync(new ApiRequest(ApiVerb.Get, Pods, Name: "bug"))).StatusCode.ShouldBe(500);
        var unavailable = await Should.ThrowAsync<ApiUnavailableException>(() => SendAsync(new ApiRequest(ApiVerb.Get, Pods)));
        unavailable.Message.ShouldBe("starting");
    }

    [Fact]
    public async Task A_request_without_an_answer_fails_after_ten_seconds_though_the_gateway_lives()
    {
        _api.OnSend = static async (_, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        };
        var call = SendAsync(new ApiRequest(ApiVerb.Get, Pods));
        await UntilAsync(() => !_api.Requests.IsEmpty);

        while (!call.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        (await Should.ThrowAsync<ApiUnavailableException>(() => call)).Message.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_watch_delivers_all_events_in_order_and_no_faster_than_its_reader()
    {
        const int count = 4_000;
        var reading = _client.WatchAsync(new WatchRequest(Pods, "ns", "7", AllowBookmarks: true)).GetAsyncEnumerator();
        var first = reading.MoveNextAsync();
        var watch = await _api.NextWatchAsync();
        watch.Request.ShouldBe(new WatchRequest(Pods, "ns", "7", AllowBookmarks: true));
        for (var i = 0; i < count; i++) watch.Events.Writer.TryWrite(new WatchEvent(WatchEventType.Modified, Encoding.UTF8.GetBytes($"{i,1000}")));
        watch.Events.Writer.Complete();

        (await first).ShouldBeTrue();
        await UntilAsync(() => Volatile.Read(ref watch.Read) > 300);
        await SendAsync(new ApiRequest(ApiVerb.Get, Pods));
        Volatile.Read(ref watch.Read).ShouldBeLessThan(count / 2);

        for (var i = 0; i < count; i++)
        {
            int.Parse(Encoding.UTF8.GetString(reading.Current.Object.Span), null).ShouldBe(i);
            (await reading.MoveNextAsync()).ShouldBe(i < count - 1);
        }
    }

    [Fact]
    public async Task Leaving_a_watch_closes_it_at_the_server()
    {
        using var leave = new CancellationTokenSource();
        var reading = ReadAllAsync(leave.Token);
        var watch = await _api.NextWatchAsync();

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => reading);
        await watch.Closed.Task.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task A_lost_control_plane_fails_what_is_open_and_its_successor_on_the_same_address_is_found()
    {
        var hanging = new TaskCompletionSource<ApiResponse>();
        _api.OnSend = (_, _) => hanging.Task;
        var call = SendAsync(new ApiRequest(ApiVerb.Get, Pods));
        var reading = ReadAllAsync();
        await _api.NextWatchAsync();
        await UntilAsync(() => !_api.Requests.IsEmpty);

        await _server.Terminate();

        await Should.ThrowAsync<ApiUnavailableException>(() => call.WaitAsync(ActorSystems.Patience));
        await Should.ThrowAsync<ApiUnavailableException>(() => reading.WaitAsync(ActorSystems.Patience));

        _api.OnSend = static (_, _) => Task.FromResult(new ApiResponse(200, default, []));
        _server = StartControlPlane(_address.Port!.Value);
        (await UntilAvailableAsync()).StatusCode.ShouldBe(200);
        var again = ReadAllAsync();
        (await _api.NextWatchAsync()).Events.Writer.Complete();
        await again.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task What_is_asked_before_the_gateway_is_there_waits_for_it_instead_of_being_lost()
    {
        _api.OnSend = static (_, _) => Task.FromResult(new ApiResponse(200, default, []));
        var late = ActorSystems.Remote();
        try
        {
            await using var client = new RemoteApiClient(_worker, Simulation, ActorSystems.AddressOf(late));
            var call = client.SendAsync(new ApiRequest(ApiVerb.Get, Pods, Name: "first"));
            var reading = client.WatchAsync(new WatchRequest(Pods)).GetAsyncEnumerator();
            var first = reading.MoveNextAsync();
            await UntilAsync(() => Advance() > TimeSpan.FromSeconds(3));
            late.ActorOf(ApiGatewayActor.Props(_api, Simulation), "api-gateway");

            await UntilAsync(() => Advance() > TimeSpan.Zero && call.IsCompleted);

            (await call).StatusCode.ShouldBe(200);
            var watch = await _api.NextWatchAsync();
            watch.Events.Writer.TryWrite(new WatchEvent(WatchEventType.Added, "{}"u8.ToArray()));
            (await first).ShouldBeTrue();
            watch.Events.Writer.Complete();
            (await reading.MoveNextAsync()).ShouldBeFalse();
            _api.Requests.ShouldHaveSingleItem();
        }
        finally
        {
            await late.Terminate();
        }

        // Less than what makes a call fail.
        TimeSpan Advance()
        {
            if (_clock.GetUtcNow() - _clock.Start < TimeSpan.FromSeconds(8)) _clock.Advance(TimeSpan.FromMilliseconds(20));
            return _clock.GetUtcNow() - _clock.Start;
        }
    }

    [Fact]
    public async Task A_new_gateway_in_the_same_process_is_noticed()
    {
        var reading = ReadAllAsync();
        var watch = await _api.NextWatchAsync();

        var gateway = await _server.ActorSelection(WellKnown.ApiGatewayPath).ResolveOne(ActorSystems.Patience);
        await gateway.GracefulStop(ActorSystems.Patience);
        await watch.Closed.Task.WaitAsync(ActorSystems.Patience);
        await UntilAsync(() => TryStartGateway(_server));
        while (!reading.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Should.ThrowAsync<ApiUnavailableException>(() => reading);
        (await UntilAvailableAsync()).StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task A_client_that_vanished_leaves_no_watches_behind()
    {
        var reading = ReadAllAsync();
        var watch = await _api.NextWatchAsync();

        await _worker.Terminate();

        await watch.Closed.Task.WaitAsync(ActorSystems.Patience);
        await Should.ThrowAsync<ApiUnavailableException>(() => reading.WaitAsync(ActorSystems.Patience));
        await Should.ThrowAsync<ApiUnavailableException>(() => _client.SendAsync(new ApiRequest(ApiVerb.Get, Pods)).WaitAsync(ActorSystems.Patience));
    }

    private ActorSystem StartControlPlane(int port)
    {
        var system = ActorSystems.Remote(port);
        system.ActorOf(ApiGatewayActor.Props(_api, Simulation), "api-gateway");
        return system;
    }

    /// <summary>The name of a stopped actor is free only once its parent has heard of the end, too.</summary>
    private bool TryStartGateway(ActorSystem system)
    {
        try
        {
            system.ActorOf(ApiGatewayActor.Props(_api, Simulation), "api-gateway");
            return true;
        }
        catch (InvalidActorNameException)
        {
            return false;
        }
    }

    private Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct = default) =>
        _client.SendAsync(request, ct).WaitAsync(ActorSystems.Patience, CancellationToken.None);

    private async Task ReadAllAsync(CancellationToken ct = default)
    {
        await foreach (var _ in _client.WatchAsync(new WatchRequest(Pods), ct)) Volatile.Read(ref _address);
    }

    private async Task<ApiResponse> UntilAvailableAsync()
    {
        var patience = new CancellationTokenSource(ActorSystems.Patience);
        while (true)
        {
            try
            {
                var call = _client.SendAsync(new ApiRequest(ApiVerb.Get, Pods), patience.Token);
                while (!call.IsCompleted)
                {
                    _clock.Advance(TimeSpan.FromMilliseconds(100));
                    await Task.Delay(10, patience.Token);
                }

                return await call;
            }
            catch (ApiUnavailableException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ActorSystems.Patience);
        while (!condition()) await Task.Delay(1, patience.Token);
    }
}
