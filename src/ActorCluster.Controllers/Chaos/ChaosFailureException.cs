namespace ActorCluster.Controllers.Chaos;

/// <summary>A fault can't be injected or recovered now; the message says why, and it is tried again.</summary>
internal sealed class ChaosFailureException(string message) : Exception(message);
