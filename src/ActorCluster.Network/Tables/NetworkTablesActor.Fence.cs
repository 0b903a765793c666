using ActorCluster.Contracts.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Tables;

/// <summary>Those who want to know when the tables have all EndpointSlices up to a revision.</summary>
public sealed partial class NetworkTablesActor
{
    /// <summary>More at once than nodes of a cluster that are lost together. Whoever asks has a bound of his own, so that nobody waits for the oldest any more.</summary>
    private const int MaxSliceWishes = 1000;

    private readonly Queue<(long Revision, IActorRef Asker)> _sliceWishes = [];

    /// <summary>Of the newest change of a slice that the builder has, and that the next tables will have.</summary>
    private long _slicesNoted;

    private void NoteSlices(long revision) => _slicesNoted = Math.Max(_slicesNoted, revision);

    private void OnAwaitSlices(long revision, IActorRef asker)
    {
        if (_sliceWishes.Count == MaxSliceWishes) _sliceWishes.Dequeue();
        _sliceWishes.Enqueue((revision, asker));
        if (_published && !_publishing) AnswerSlices();
    }

    /// <summary>Called when the tables have all that the builder has.</summary>
    private void AnswerSlices()
    {
        for (var left = _sliceWishes.Count; left > 0; left--)
        {
            var wish = _sliceWishes.Dequeue();
            if (wish.Revision <= _slicesNoted) wish.Asker.Tell(new EndpointSlicesApplied(wish.Revision));
            else _sliceWishes.Enqueue(wish);
        }
    }
}
