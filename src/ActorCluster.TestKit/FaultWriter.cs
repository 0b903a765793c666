using System.Collections.Concurrent;
using System.Text;

namespace ActorCluster.TestKit;

/// <summary>A cluster's log, of which the errors are kept for the test.</summary>
internal sealed class FaultWriter(TextWriter? log, ConcurrentQueue<string> faults) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => log?.Write(value);

    public override void Write(string? value) => Keep(value, log is null ? null : log.Write);

    public override void WriteLine(string? value) => Keep(value, log is null ? null : log.WriteLine);

    public override void Flush() => log?.Flush();

    private void Keep(string? line, Action<string?>? write)
    {
        if (line?.Contains(" ERROR ", StringComparison.Ordinal) == true) faults.Enqueue(line.TrimEnd());
        write?.Invoke(line);
    }
}
