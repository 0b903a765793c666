using System.Globalization;
using Akka.Configuration;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Membership;

/// <summary>The Akka configuration of a process of the cluster.</summary>
internal static class AkkaConfiguration
{
    /// <summary>Ends coordinated shutdown quickly: other processes must cope with a kill -9 anyway, so that lingering buys nothing.</summary>
    private const string Common = """
        akka {
          loglevel = INFO
          stdout-loglevel = WARNING
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          loggers = ["ActorCluster.Host.Logging.AkkaLogActor, ActorCluster.Host"]
          scheduler.implementation = "ActorCluster.Host.Scheduling.CoalescingScheduler, ActorCluster.Host"
          # Nothing ticks; but see that of akka.cluster.
          scheduler.tick-duration = 100ms
          coordinated-shutdown {
            default-phase-timeout = 2s
            # The process's own signal handling decides when to end; a hook on the CLR's exit would run everything a second time.
            run-by-clr-shutdown-hook = off
            exit-clr = off
          }
        }
        """;

    /// <summary>For a process of its own.</summary>
    /// <param name="role">Its Akka.Cluster role.</param>
    /// <param name="seedNodeTimeout">See <see cref="ClusterFormation"/>.</param>
    /// <param name="serializers">What the rooms bring along for messages between processes.</param>
    public static Config Clustered(NetworkBinding binding, string role, TimeSpan seedNodeTimeout, params ReadOnlySpan<Config> serializers)
    {
        var config = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor.provider = cluster
              remote {
                log-remote-lifecycle-events = off
                # A process that comes back on its old address is to be reached at once. The default of 5 s protects against a storm of
                # connection attempts, which a handful of processes can't make.
                retry-gate-closed-for = 200ms
                # Each connection looks twice in the first time whether it owes an acknowledgement of a system message; the default of 0.3 s makes that most of what an idle process does.
                # After the second, the other side sends such a message again. There are hardly any: nobody watches or makes actors of other processes.
                system-message-ack-piggyback-timeout = 5s
                resend-interval = 10s
                # How often each connection says that it is alive, which Akka gives two minutes. The default is 4 s; the heartbeats of akka.cluster notice a loss much earlier.
                transport-failure-detector.heartbeat-interval = 20s
                # What is watched in other processes is looked at so often. Nothing is.
                watch-failure-detector {
                  heartbeat-interval = 10s
                  unreachable-nodes-reaper-interval = 10s
                }
                # What `actorcluster node partition` cuts.
                # No blank after the comma: Akka would keep the quotes then.
                adapters.cuttable = "ActorCluster.Host.Membership.CuttableTransportProvider,ActorCluster.Host"
                dot-netty.tcp {
                  applied-adapters = ["cuttable"]
                  hostname = "{{binding.BindAddress}}"
                  public-hostname = "{{binding.Endpoint.Host}}"
                  port = {{binding.Endpoint.Port}}
                  connection-timeout = 3s
                  # The largest API object is 3 MiB, and a list is sent in chunks of less than that.
                  maximum-frame-size = 16 MiB
                  # One thread for the connections that others made and one for its own, instead of two each: what is said to several processes at the same moment, as every second, wakes
                  # one thread. Serialization is done by others.
                  server-socket-worker-pool {
                    pool-size-min = 1
                    pool-size-max = 1
                  }
                  client-socket-worker-pool {
                    pool-size-min = 1
                    pool-size-max = 1
                  }
                  send-buffer-size = 1 MiB
                  receive-buffer-size = 1 MiB
                }
              }
              cluster {
                roles = ["{{role}}"]
                # MembershipActor says what matters of it.
                log-info = off
                seed-node-timeout = {{(long)seedNodeTimeout.TotalMilliseconds}}ms
                retry-unsuccessful-join-after = 1s
                shutdown-after-unsuccessful-join-seed-nodes = off
                allow-weakly-up-members = 300ms
                # Nobody is downed for being out of reach: whether a node is lost is the Kubernetes control plane's verdict, and a
                # partition must heal without a restart. (A process known to be dead is another matter: MembershipActor.)
                downing-provider-class = "Akka.Cluster.NoDowning, Akka.Cluster"
                periodic-tasks-initial-delay = 50ms
                # Not less than that of Akka's scheduler: the cluster would have a scheduler of its own, which wakes thirty times a second.
                scheduler.tick-duration = 100ms
                # A killed process is noticed by its closed connections; heartbeats are for those that hang or whose network does. On a
                # machine with more processes than cores, pauses of seconds are ordinary.
                failure-detector {
                  heartbeat-interval = 5s
                  acceptable-heartbeat-pause = 7s
                  threshold = 10
                }
              }
            }
            """)).WithFallback(ConfigurationFactory.ParseString(Common));
        foreach (var serializer in serializers) config = config.WithFallback(serializer);
        return config;
    }

    /// <summary>For a whole cluster in one process: no remoting, no membership.</summary>
    public static Config Local() => ConfigurationFactory.ParseString(Common);
}
