using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Network.Tables;

/// <summary>Asks for the tables: the newest at once, and each later one, as <c>ReplaceTables</c>. Ends with the subscriber (same process only).</summary>
public sealed record Subscribe(IActorRef Subscriber) : INoSerializationVerificationNeeded;

/// <summary>Keeps a process's <see cref="NetworkTables"/> up to date from the API.</summary>
public sealed class NetworkTablesActor(IApiClient api, SimulationContext simulation, NetworkTablesSource source) : UntypedActor
{
    public static Props Props(IApiClient api, SimulationContext simulation, NetworkTablesSource source) =>
        Akka.Actor.Props.Create(() => new NetworkTablesActor(api, simulation, source));

    protected override void OnReceive(object message) => throw new NotSupportedException($"{api}{simulation}{source}");
}
