namespace ActorCluster.Api.Patches;

/// <summary>A patch that can't be read (400) or can't be applied to the object (422).</summary>
public sealed class PatchException(string message, bool unreadable = false) : Exception(message)
{
    /// <summary>The patch itself is malformed, whatever the object.</summary>
    public bool Unreadable { get; } = unreadable;
}
