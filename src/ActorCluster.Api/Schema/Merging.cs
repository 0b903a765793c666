namespace ActorCluster.Api.Schema;

/// <summary>How several managers share a list or a map (x-kubernetes-list-type, x-kubernetes-map-type).</summary>
public enum Merging
{
    /// <summary>One manager owns all of it.</summary>
    Atomic,

    /// <summary>Each field of a map has its own managers.</summary>
    Granular,

    /// <summary>Each value of a list has its own managers.</summary>
    Set,

    /// <summary>Each element of a list has its own managers, and is known by its keys.</summary>
    Keyed,
}
