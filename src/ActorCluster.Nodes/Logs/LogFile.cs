using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Nodes.Logs;

/// <summary>A container's log as its runtime keeps it in a file: "TIME stdout|stderr F|P LINE", P for a line that goes on in the next entry (CRI's logging format,
/// KEP-2411 and pkg/kubelet/kuberuntime/logs).</summary>
internal static class LogFile
{
    /// <summary>The time, the stream's name and the letter, each with the space after it.</summary>
    private const int HeadLength = 30 + 1 + 6 + 1 + 1 + 1;

    public static byte[] Render(ContainerLog log) => [.. log.Read(0).Entries.SelectMany(Render)];

    public static int LengthOf(LogEntry entry) => HeadLength + entry.Line.Length + (entry.Line.Span is [.., (byte)'\n'] ? 0 : 1);

    public static byte[] Render(LogEntry entry)
    {
        var whole = entry.Line.Span is [.., (byte)'\n'];
        var time = entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        var head = Encoding.ASCII.GetBytes($"{time} {(entry.Stream == StreamChannel.Stderr ? "stderr" : "stdout")} {(whole ? 'F' : 'P')} ");
        return whole ? [.. head, .. entry.Line.Span] : [.. head, .. entry.Line.Span, (byte)'\n'];
    }
}
