using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Host.Logging;

/// <summary>Writes Akka's log events to the process's log.</summary>
/// <remarks>Child of Akka's system guardian, made from the configuration's <c>akka.loggers</c>; holds nothing.</remarks>
internal sealed class AkkaLogActor : UntypedActor
{
    private readonly ProcessLog _log = Context.System.Settings.Setup.Get<ProcessLogSetup>() is { HasValue: true } setup ? setup.Value.Log : ProcessLog.None;

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
        // Actor sources read "[akka://actorcluster/user/nodes#123]"; the type name says the same in a word where there is one.
        var source = logEvent.LogClass is { } type && type != typeof(string) ? type.Name : logEvent.LogSource;
        _log.Write(level, source, logEvent.Message?.ToString() ?? "", logEvent.Cause);
    }
}
