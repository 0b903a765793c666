namespace ActorCluster.Network.Dns;

/// <summary>Why a name has no address, by getaddrinfo's distinctions.</summary>
public enum DnsFault
{
    /// <summary>The name does not exist, or has no address (EAI_NONAME: "Name or service not known").</summary>
    NotFound,

    /// <summary>No server answered (EAI_AGAIN: "Temporary failure in name resolution").</summary>
    TryAgain,

    /// <summary>Servers answered with a failure (EAI_FAIL: "Non-recoverable failure in name resolution").</summary>
    ServerFailure,
}

/// <summary>What resolving fails with; <see cref="Exception.Message"/> is glibc's gai_strerror wording.</summary>
public sealed class DnsFaultException(DnsFault fault, string name) : IOException(Describe(fault))
{
    public DnsFault Fault { get; } = fault;
    public string Name { get; } = name;

    private static string Describe(DnsFault fault) => fault switch
    {
        DnsFault.NotFound => "Name or service not known",
        DnsFault.TryAgain => "Temporary failure in name resolution",
        DnsFault.ServerFailure => "Non-recoverable failure in name resolution",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
