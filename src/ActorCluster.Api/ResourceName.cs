namespace ActorCluster.Api;

/// <summary>A resource type as the API names it: the API group ("" for core) and the plural, e.g. ("apps", "deployments").</summary>
/// <remarks>Versions are a matter of the HTTP face: the store and the controllers know each resource in one version only.</remarks>
public readonly record struct ResourceName(string Group, string Plural) : IComparable<ResourceName>
{
    /// <summary>"pods", "deployments.apps": the form upstream calls GroupResource.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Reads <see cref="ToString"/>'s form back.</summary>
    public static ResourceName Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? new("", text) : new(text[(dot + 1)..], text[..dot]);
    }

    public int CompareTo(ResourceName other)
    {
        var byGroup = string.CompareOrdinal(Group, other.Group);
        return byGroup != 0 ? byGroup : string.CompareOrdinal(Plural, other.Plural);
    }

    public static bool operator <(ResourceName left, ResourceName right) => left.CompareTo(right) < 0;
    public static bool operator <=(ResourceName left, ResourceName right) => left.CompareTo(right) <= 0;
    public static bool operator >(ResourceName left, ResourceName right) => left.CompareTo(right) > 0;
    public static bool operator >=(ResourceName left, ResourceName right) => left.CompareTo(right) >= 0;
}

/// <summary>Where one object lives: its resource, its namespace ("" for cluster-scoped) and its name.</summary>
public readonly record struct ObjectKey(ResourceName Resource, string Namespace, string Name) : IComparable<ObjectKey>
{
    public override string ToString() => Namespace.Length == 0 ? $"{Resource}/{Name}" : $"{Resource}/{Namespace}/{Name}";

    /// <summary>The order of lists: resource, namespace, name, each by ordinal comparison as etcd's keys have it.</summary>
    public int CompareTo(ObjectKey other)
    {
        var byResource = Resource.CompareTo(other.Resource);
        if (byResource != 0) return byResource;
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}
