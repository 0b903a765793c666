using System.Globalization;
using ActorCluster.Controllers;
using Akka.Actor;

namespace ActorCluster.Host.ControlPlane;

/// <summary>The actor of all controllers, which can end and begin anew with nothing remembered.</summary>
/// <remarks>Not thread-safe: started and ended by one caller at a time.</remarks>
internal sealed class RunningControllers(ActorSystem system, Props props)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IActorRef _actor = ActorRefs.Nobody;
    private int _starts;

    public void Start() => _actor = system.ActorOf(props, ++_starts == 1 ? "controllers" : string.Create(CultureInfo.InvariantCulture, $"controllers-{_starts}"));

    /// <summary>In an orderly way: what they had to say is written first.</summary>
    public Task StopAsync(TimeSpan within) => _actor.IsNobody() ? Task.CompletedTask : _actor.GracefulStop(within, StopControllers.Instance);

    /// <summary>At once.</summary>
    public async Task KillAsync()
    {
        await _actor.GracefulStop(Patience);
        _actor = ActorRefs.Nobody;
    }
}
