using System.Diagnostics;
using Akka.Actor;

namespace ActorCluster.Benchmarks.Network;

/// <summary>Keeps a stream of messages going from one actor to another through whatever lies between, and counts what arrives.</summary>
/// <remarks>The far end grants credit for each chunk that came, so that queues stay short and what is measured is the way, not the memory.</remarks>
internal static class PacketPump
{
    private const int Chunk = 1000;
    private const int Window = 8;

    /// <param name="source">Made by <see cref="SourceProps"/>.</param>
    /// <param name="sink">Made by <see cref="SinkProps"/>.</param>
    /// <returns>Messages a second.</returns>
    public static async Task<double> RunAsync(IActorRef source, IActorRef sink, TimeSpan duration, CancellationToken cancellationToken)
    {
        source.Tell(new Go());
        await Task.Delay(duration / 5, cancellationToken); // until it flows evenly
        var (before, started) = (await sink.Ask<long>(new GetCount(), cancellationToken), Stopwatch.GetTimestamp());
        await Task.Delay(duration, cancellationToken);
        var (after, elapsed) = (await sink.Ask<long>(new GetCount(), cancellationToken), Stopwatch.GetElapsedTime(started));
        await source.Ask<Stopped>(new Stop(), cancellationToken);
        return (after - before) / elapsed.TotalSeconds;
    }

    /// <param name="send">Sends one message on its way.</param>
    public static Props SourceProps(Action send) => Props.Create(() => new SourceActor(send));

    /// <param name="grant">Tells the source that a chunk has come.</param>
    public static Props SinkProps(Action grant) => Props.Create(() => new SinkActor(grant));

    /// <summary>What a grant must make arrive at the source: any message that is not one of this class's own.</summary>
    private sealed class SourceActor(Action send) : UntypedActor
    {
        private int _outstanding;
        private bool _going;
        private IActorRef? _stopping;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Go:
                    _going = true;
                    while (_outstanding < Window) SendChunk();
                    break;
                case Stop:
                    (_going, _stopping) = (false, Sender);
                    TellIfStopped();
                    break;
                default:
                    _outstanding--;
                    if (_going) SendChunk();
                    TellIfStopped();
                    break;
            }
        }

        private void SendChunk()
        {
            _outstanding++;
            for (var i = 0; i < Chunk; i++) send();
        }

        private void TellIfStopped()
        {
            if (_going || _outstanding > 0) return;
            _stopping?.Tell(new Stopped());
            _stopping = null;
        }
    }

    private sealed class SinkActor(Action grant) : UntypedActor
    {
        private long _count;

        protected override void OnReceive(object message)
        {
            if (message is GetCount) Sender.Tell(_count);
            else if (++_count % Chunk == 0) grant();
        }
    }

    private sealed record Go;

    private sealed record Stop;

    private sealed record Stopped;

    private sealed record GetCount;
}
