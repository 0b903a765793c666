using Akka.Actor.Setup;

namespace ActorCluster.Host.Logging;

/// <summary>Gives an ActorSystem the log that its events go to.</summary>
internal sealed class ProcessLogSetup(ProcessLog log) : Setup
{
    public ProcessLog Log { get; } = log;
}
