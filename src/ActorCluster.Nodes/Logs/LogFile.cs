using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>A container's log as its runtime keeps it in a file: "TIME stdout|stderr F|P LINE", P for a line that goes on in the next entry (CRI's logging format,
/// KEP-2411 and pkg/kubelet/kuberuntime/logs).</summary>
internal static class LogFile
{
    public static byte[] Render(ContainerLog log) => [.. log.Read(0).Entries.SelectMany(Render)];

    private static IEnumerable<byte> Render(LogEntry entry)
    {
        var whole = entry.Line.Span is [.., (byte)'\n'];
        var time = entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        var head = Encoding.ASCII.GetBytes($"{time} {(entry.Stream == StreamChannel.Stderr ? "stderr" : "stdout")} {(whole ? 'F' : 'P')} ");
        return whole ? [.. head, .. entry.Line.Span] : [.. head, .. entry.Line.Span, (byte)'\n'];
    }
}
