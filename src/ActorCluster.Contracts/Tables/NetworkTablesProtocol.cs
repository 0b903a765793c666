namespace ActorCluster.Contracts.Tables;

/// <summary>Asks the actor at <c>WellKnown.NetworkTablesPath</c> to answer with <see cref="EndpointSlicesApplied"/> once its process routes by all EndpointSlices up to a revision.</summary>
/// <param name="Revision">A resourceVersion of EndpointSlices.</param>
public sealed record AwaitEndpointSlices(long Revision);

/// <param name="Revision">As it was asked for.</param>
public sealed record EndpointSlicesApplied(long Revision);
