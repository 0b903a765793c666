using System.Runtime.InteropServices;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// What was read last: several caches of one process follow the same resource, and where the API is in their process, too, they are told of a change by the same bytes, one after another.
/// Reading these is most of what it costs them. Safe for concurrent use.
/// </summary>
internal static class RecentDocuments<T> where T : class
{
    /// <summary>The changes that one is told of before the next is.</summary>
    private const int Kept = 8;

    private static readonly Entry?[] Entries = new Entry?[Kept];
    private static int s_next;

    /// <returns>Null if these bytes weren't read lately.</returns>
    public static T? Find(ReadOnlyMemory<byte> utf8)
    {
        if (BytesOf(utf8) is not { } bytes) return null;
        for (var i = 0; i < Kept; i++)
        {
            if (Volatile.Read(ref Entries[i]) is { } entry && entry.Bytes == bytes) return entry.Document;
        }

        return null;
    }

    public static T Keep(ReadOnlyMemory<byte> utf8, T document)
    {
        if (BytesOf(utf8) is { } bytes) Volatile.Write(ref Entries[(uint)Interlocked.Increment(ref s_next) % Kept], new Entry(bytes, document));
        return document;
    }

    /// <summary>An object's bytes as they are stored are an array of their own, and never change; a part of another is a message's.</summary>
    private static byte[]? BytesOf(ReadOnlyMemory<byte> utf8) =>
        MemoryMarshal.TryGetArray(utf8, out var bytes) && bytes.Array!.Length == utf8.Length ? bytes.Array : null;

    private sealed record Entry(byte[] Bytes, T Document);
}
