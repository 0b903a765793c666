using System.Collections.Immutable;
using ActorCluster.Api.Selectors;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Faults;

/// <summary>Who is at one end of a fault, as data. What it comes to is looked up again with every change of the cluster.</summary>
public abstract record FaultEnds
{
    private FaultEnds() { }

    /// <summary>Everybody, also outside the cluster.</summary>
    public static FaultEnds Anybody { get; } = new Everybody();

    /// <summary>Whether pods are looked at, and so have to be followed.</summary>
    internal virtual bool NeedsPods => false;

    internal sealed record Everybody : FaultEnds
    {
        public override string ToString() => "anybody";
    }

    /// <summary>Pods by their names, "namespace/name".</summary>
    public sealed record NamedPods(ImmutableArray<string> Names) : FaultEnds
    {
        internal override bool NeedsPods => true;

        public override string ToString() => $"pods {string.Join(", ", Names)}";
    }

    /// <summary>Pods by their labels.</summary>
    /// <param name="Namespace">Null: of all namespaces.</param>
    public sealed record LabeledPods(LabelSelector Labels, string? Namespace) : FaultEnds
    {
        internal override bool NeedsPods => true;

        public override string ToString() => $"pods {Labels}{(Namespace is null ? "" : $" of namespace {Namespace}")}";
    }

    /// <summary>Nodes with all the pods on them, by the nodes' names.</summary>
    public sealed record Nodes(ImmutableArray<string> Names) : FaultEnds
    {
        public override string ToString() => $"nodes {string.Join(", ", Names)}";
    }

    /// <summary>Plain addresses.</summary>
    public sealed record Networks(ImmutableArray<IpNetwork> Blocks) : FaultEnds
    {
        public override string ToString() => string.Join(", ", Blocks);
    }

    /// <summary>Services by the names that they have in DNS, with or without the cluster's domain.</summary>
    public sealed record Services(ImmutableArray<string> Names) : FaultEnds
    {
        public override string ToString() => $"services {string.Join(", ", Names)}";
    }

    /// <summary>Whoever is in any of these.</summary>
    public sealed record Any(ImmutableArray<FaultEnds> Parts) : FaultEnds
    {
        internal override bool NeedsPods => Parts.Any(part => part.NeedsPods);

        public override string ToString() => string.Join(", ", Parts);
    }
}
