using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Wire;
using Akka.Actor;
using Akka.Configuration;

namespace ActorCluster.Contracts.Tests;

/// <summary>ActorSystems as the processes of a cluster have them, but of one test process.</summary>
internal static class ActorSystems
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>One that talks over real TCP on loopback; port 0: any free one.</summary>
    public static ActorSystem Remote(int port = 0) => ActorSystem.Create(WellKnown.ActorSystemName, ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          log-dead-letters = off
          actor.provider = remote
          remote {
            log-remote-lifecycle-events = off
            dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
          }
        }
        """).WithFallback(ContractsSerialization.RemotingConfig).WithFallback(ContractsSerialization.Config));

    /// <summary>A single one that sends even local messages through the serializers.</summary>
    public static ActorSystem Serializing() => ActorSystem.Create(WellKnown.ActorSystemName, ConfigurationFactory.ParseString("""
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          actor.serialize-messages = on
        }
        """).WithFallback(ContractsSerialization.Config));

    public static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;
}
