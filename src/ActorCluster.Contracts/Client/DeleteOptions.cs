namespace ActorCluster.Contracts.Client;

/// <summary>How to delete, by meta/v1 DeleteOptions.</summary>
/// <param name="GracePeriodSeconds">Null: the object's own.</param>
/// <param name="PropagationPolicy">Background, Foreground or Orphan; null: the resource's default.</param>
public sealed record DeleteOptions(
    long? GracePeriodSeconds = null,
    string? PreconditionUid = null,
    string? PreconditionResourceVersion = null,
    string? PropagationPolicy = null);
