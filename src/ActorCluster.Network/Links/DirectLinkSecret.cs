using System.Collections.Immutable;
using System.Security.Cryptography;

namespace ActorCluster.Network.Links;

/// <summary>How the two ends of a direct connection prove that both know the secret of the end that was called: by a digest each, never the secret itself.</summary>
internal static class DirectLinkSecret
{
    /// <summary>Bytes of a proof.</summary>
    public const int ProofLength = HMACSHA256.HashSizeInBytes;

    public static ImmutableArray<byte> Create() => [.. RandomNumberGenerator.GetBytes(32)];

    /// <summary>What the caller says first.</summary>
    public static byte[] CallersProof(ImmutableArray<byte> secret) => HMACSHA256.HashData(secret.AsSpan(), "actorcluster packet link, caller"u8);

    /// <summary>What it gets for an answer.</summary>
    public static byte[] ListenersProof(ImmutableArray<byte> secret) => HMACSHA256.HashData(secret.AsSpan(), "actorcluster packet link, listener"u8);

    public static bool IsSame(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> expected) => CryptographicOperations.FixedTimeEquals(proof, expected);
}
