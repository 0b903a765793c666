using Akka.Actor;

namespace ActorCluster.Controllers.Reconciling;

/// <summary>Sends keys to a <see cref="ReconcilerActor"/>.</summary>
internal sealed class ActorReconcileQueue(IActorRef reconciler) : IReconcileQueue
{
    public void Add(string key) => reconciler.Tell(new EnqueueKey(key), ActorRefs.NoSender);

    public void AddAfter(string key, TimeSpan delay) => reconciler.Tell(new EnqueueKeyAfter(key, delay), ActorRefs.NoSender);
}
