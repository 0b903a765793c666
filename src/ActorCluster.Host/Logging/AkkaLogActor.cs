using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Host.Logging;

/// <summary>Writes Akka's log events to the process's log.</summary>
/// <remarks>Child of Akka's system guardian, made from the configuration's <c>akka.loggers</c>; holds what was said of other processes, of which it leaves repeats out.</remarks>
internal sealed class AkkaLogActor : UntypedActor
{
    private readonly ProcessLog _log = Context.System.Settings.Setup.Get<ProcessLogSetup>() is { HasValue: true } setup ? setup.Value.Log : ProcessLog.None;

    private readonly RemoteRepeats _repeats = new();

    /// <summary>For a system whose configuration names no loggers.</summary>
    public static void Start(ExtendedActorSystem system)
    {
        var log = system.SystemActorOf(Props.Create<AkkaLogActor>(), "log");
        foreach (var level in (ReadOnlySpan<Type>)[typeof(Error), typeof(Warning), typeof(Info)]) system.EventStream.Subscribe(log, level);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger: Sender.Tell(new LoggerInitialized()); break;
            case LogEvent logEvent: OnLogEvent(logEvent); break;
            default: Unhandled(message); break;
        }
    }

    private void OnLogEvent(LogEvent logEvent)
    {
        var level = logEvent.LogLevel() switch
        {
            LogLevel.ErrorLevel => "ERROR",
            LogLevel.WarningLevel => "WARN",
            LogLevel.InfoLevel => "INFO",
            _ => "DEBUG",
        };
        var (source, message) = (Source(logEvent), logEvent.Message?.ToString() ?? "");
        if (_repeats.Offer(level, source, message, _log.Clock.GetUtcNow()) is not { } leftOut) return;
        if (leftOut > 0) _log.Information(source, $"{(leftOut == 1 ? "1 message" : $"{leftOut} messages")} about this process that only repeated others {(leftOut == 1 ? "was" : "were")} left out; now:");
        _log.Write(level, source, message, logEvent.Cause);
    }

    /// <summary>An actor's path within its system; the type where the source is not an actor.</summary>
    private static string Source(LogEvent logEvent)
    {
        var source = logEvent.LogSource;
        var path = source.IndexOf("/user/", StringComparison.Ordinal);
        if (path < 0) path = source.IndexOf("/system/", StringComparison.Ordinal);
        if (path < 0) return source.Split('(')[0];
        var end = source.IndexOfAny(['#', ']'], path);
        return end < 0 ? source[path..] : source[path..end];
    }
}
