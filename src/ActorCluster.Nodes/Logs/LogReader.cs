using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>`kubectl logs`: the chosen part of a log, as PodLogOptions says (pkg/kubelet/kuberuntime/logs in upstream, now cri-client).</summary>
internal static class LogReader
{
    public static async Task WriteAsync(ContainerLog log, LogRequest request, IContainerStreamPeer peer, TimeProvider clock)
    {
        var since = request.SinceTime ?? (request.SinceSeconds is { } seconds ? clock.GetUtcNow() - TimeSpan.FromSeconds(seconds) : DateTimeOffset.MinValue);
        var left = request.LimitBytes ?? long.MaxValue;
        var slice = log.Read(0);
        var first = Select(slice.Entries, request.TailLines);
        // An empty write lets the answer's head go out before the first line comes.
        await peer.WriteAsync(StreamChannel.Stdout, ReadOnlyMemory<byte>.Empty, peer.CallerGone);
        left = await WriteAsync(first, since, request.Timestamps, left, peer);
        while (request.Follow && !slice.Complete && left > 0)
        {
            await slice.Changed.WaitAsync(peer.CallerGone);
            slice = log.Read(slice.Next);
            left = await WriteAsync(slice.Entries, since, request.Timestamps, left, peer);
        }
    }

    private static IEnumerable<LogEntry> Select(IReadOnlyList<LogEntry> entries, long? tail) =>
        tail is { } lines && lines < entries.Count ? entries.Skip(entries.Count - (int)Math.Max(lines, 0)) : entries;

    private static async Task<long> WriteAsync(IEnumerable<LogEntry> entries, DateTimeOffset since, bool timestamps, long left, IContainerStreamPeer peer)
    {
        foreach (var chunk in Render(entries, since, timestamps).Chunk(64))
        {
            var text = chunk.SelectMany(line => line).ToArray().AsMemory();
            if (text.Length > left) text = text[..(int)left];
            left -= text.Length;
            await peer.WriteAsync(StreamChannel.Stdout, text, peer.CallerGone);
            if (left <= 0) break;
        }
        return left;
    }

    private static IEnumerable<byte[]> Render(IEnumerable<LogEntry> entries, DateTimeOffset since, bool timestamps)
    {
        foreach (var entry in entries)
        {
            if (entry.Time < since) continue;
            yield return timestamps
                ? [.. Encoding.ASCII.GetBytes(entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture)), .. entry.Line.Span]
                : entry.Line.ToArray();
        }
    }
}
