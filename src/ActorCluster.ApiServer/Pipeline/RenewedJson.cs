using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>An object's bytes with nothing new but times.</summary>
/// <param name="Renewal">What to know of them; null: nothing that holds for sure.</param>
internal readonly record struct RenewedJson(UnversionedJson Json, Renewal? Renewal);
