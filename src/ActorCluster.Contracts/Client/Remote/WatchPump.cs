using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>Reads one watch at the pace of its client's credit, and hands batches of what is there to the session's actor.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer and no handle, and its loop outlives the stop.")]
internal sealed class WatchPump
{
    private readonly long _id;
    private readonly IActorRef _session;
    private readonly CreditGate _credit = new(ApiGatewayProtocol.WatchWindow);
    private readonly CancellationTokenSource _stop = new();

    private WatchPump(long id, IActorRef session)
    {
        _id = id;
        _session = session;
    }

    public static WatchPump Start(OpenWatch open, IApiClient api, SimulationContext simulation, IActorRef session)
    {
        var pump = new WatchPump(open.Id, session);
        simulation.Start(() => pump.RunAsync(api, open.Request));
        return pump;
    }

    public void Grant(int bytes) => _credit.Grant(bytes);

    public void Stop() => _stop.Cancel();

    private async Task RunAsync(IApiClient api, WatchRequest request)
    {
        try
        {
            await PumpAsync(api, request, _stop.Token);
            Tell(new WatchEnded(_id, null));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Whoever stopped it doesn't wait for an end.
        }
        catch (Exception fault)
        {
            Tell(new WatchEnded(_id, fault.Message), fault);
        }
    }

    private async Task PumpAsync(IApiClient api, WatchRequest request, CancellationToken ct)
    {
        var batch = ImmutableArray.CreateBuilder<WatchEvent>();
        var bytes = 0;
        await using var events = api.WatchAsync(request, ct).GetAsyncEnumerator(ct);
        var next = Task.FromResult(true);
        try
        {
            while (true)
            {
                next = events.MoveNextAsync().AsTask();
                if (batch.Count > 0 && (bytes >= ApiGatewayProtocol.BatchBytes || !next.IsCompleted))
                {
                    await SendAsync(batch, bytes, ct);
                    bytes = 0;
                }

                if (!await next) break;
                batch.Add(events.Current);
                bytes += ApiGatewayProtocol.SizeOf(events.Current);
            }

            if (batch.Count > 0) await SendAsync(batch, bytes, ct);
        }
        finally
        {
            // An enumerator may not be disposed of while it moves; the stop that ended us ends that move too.
            await Task.WhenAny(next);
        }
    }

    private async Task SendAsync(ImmutableArray<WatchEvent>.Builder batch, int bytes, CancellationToken ct)
    {
        await _credit.OverdrawAsync(bytes, ct);
        Tell(new WatchBatch(_id, batch.DrainToImmutable()));
    }

    private void Tell(IGatewayReport report, Exception? fault = null) => _session.Tell(new Pumped(_id, report, fault), ActorRefs.NoSender);

    internal sealed record Pumped(long Id, IGatewayReport Report, Exception? Fault) : ILocal;
}
