using System.Globalization;
using System.Text;

namespace ActorCluster.Host.Logging;

/// <summary>A process's log: one line an event, with its time, level, source and message; exceptions below it, indented. Safe for concurrent use.</summary>
/// <param name="onError">Told of each error's line as well; on any thread.</param>
public sealed class ProcessLog(TextWriter writer, TimeProvider clock, Action<string>? onError = null)
{
    private const string ErrorLevel = "ERROR";

    private readonly Lock _lock = new();

    /// <summary>Where nobody listens.</summary>
    public static ProcessLog None { get; } = new(TextWriter.Null, TimeProvider.System);

    internal TimeProvider Clock => clock;

    internal void Write(string level, string source, string message, Exception? exception = null)
    {
        var told = level == ErrorLevel ? onError : null;
        if (told is null && ReferenceEquals(writer, TextWriter.Null)) return;
        var line = new StringBuilder()
            .Append(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ').Append(level.PadRight(5)).Append(' ').Append(source).Append(": ").Append(message);
        if (exception is not null) line.AppendLine().Append("    ").Append(exception.ToString().ReplaceLineEndings("\n    "));
        var text = line.ToString();
        lock (_lock)
        {
            writer.WriteLine(text);
            writer.Flush();
        }
        told?.Invoke(text);
    }

    public void Information(string source, string message) => Write("INFO", source, message);
    public void Warning(string source, string message, Exception? exception = null) => Write("WARN", source, message, exception);
    public void Error(string source, string message, Exception? exception = null) => Write(ErrorLevel, source, message, exception);
}
