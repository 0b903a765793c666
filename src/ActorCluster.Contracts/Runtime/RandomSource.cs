using System.Text;

namespace ActorCluster.Contracts.Runtime;

/// <summary>Seeded chance. Children are derived by name, so one component's draws never shift another's. Safe for concurrent use.</summary>
public sealed class RandomSource(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();

    public int Seed { get; } = seed;

    /// <summary>The same name gives the same child of the same seed, always.</summary>
    public RandomSource Child(string name)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 16777619u;
        return new RandomSource(unchecked((int)(hash ^ ((uint)Seed * 2654435761u))));
    }

    /// <summary>At least 0, below <paramref name="exclusiveMaximum"/>.</summary>
    public int Next(int exclusiveMaximum)
    {
        lock (_lock) return _random.Next(exclusiveMaximum);
    }

    public long NextInt64()
    {
        lock (_lock) return _random.NextInt64();
    }

    /// <summary>At least 0.0, below 1.0.</summary>
    public double NextDouble()
    {
        lock (_lock) return _random.NextDouble();
    }

    public void NextBytes(Span<byte> buffer)
    {
        lock (_lock) _random.NextBytes(buffer);
    }

    /// <summary>A version 4 UUID from this source.</summary>
    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A suffix as upstream's generateName makes it: consonants and digits that form no words
    /// (k8s.io/apimachinery/pkg/util/rand).</summary>
    public string NextSuffix(int length = 5)
    {
        const string alphabet = "bcdfghjklmnpqrstvwxz2456789";
        return string.Create(length, this, static (span, source) =>
        {
            foreach (ref var c in span) c = alphabet[source.Next(alphabet.Length)];
        });
    }
}
