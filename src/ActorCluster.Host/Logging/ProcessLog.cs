using System.Globalization;
using System.Text;

namespace ActorCluster.Host.Logging;

/// <summary>A process's log: one line an event, with its time, level, source and message; exceptions below it, indented. Safe for concurrent use.</summary>
public sealed class ProcessLog(TextWriter writer, TimeProvider clock)
{
    private readonly Lock _lock = new();

    /// <summary>Where nobody listens.</summary>
    public static ProcessLog None { get; } = new(TextWriter.Null, TimeProvider.System);

    internal void Write(string level, string source, string message, Exception? exception = null)
    {
        if (ReferenceEquals(writer, TextWriter.Null)) return;
        var line = new StringBuilder()
            .Append(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ').Append(level.PadRight(5)).Append(' ').Append(source).Append(": ").Append(message);
        if (exception is not null) line.AppendLine().Append("    ").Append(exception.ToString().ReplaceLineEndings("\n    "));
        lock (_lock)
        {
            writer.WriteLine(line.ToString());
            writer.Flush();
        }
    }

    public void Information(string source, string message) => Write("INFO", source, message);
    public void Warning(string source, string message, Exception? exception = null) => Write("WARN", source, message, exception);
    public void Error(string source, string message, Exception? exception = null) => Write("ERROR", source, message, exception);
}
