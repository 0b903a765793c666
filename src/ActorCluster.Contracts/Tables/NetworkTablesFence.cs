using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Tables;

/// <summary>Asks the processes' network tables by Akka messages.</summary>
public sealed class NetworkTablesFence(ActorSystem system) : INetworkTablesFence
{
    /// <inheritdoc/>
    public Task PassAsync(IReadOnlyCollection<string> processes, long revision, TimeSpan bound, CancellationToken cancellationToken) =>
        Task.WhenAll(processes.Select(process => PassAsync(process, revision, bound, cancellationToken)));

    private async Task PassAsync(string process, long revision, TimeSpan bound, CancellationToken cancellationToken)
    {
        try
        {
            await system.ActorSelection(process + WellKnown.NetworkTablesPath).Ask<EndpointSlicesApplied>(new AwaitEndpointSlices(revision), bound, cancellationToken);
        }
        catch (AskTimeoutException)
        {
            return; // what it hasn't heard of by now it will hear of later; whoever asks has waited long enough
        }
    }
}
