namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// The cluster's failure detector changed its mind about a process. The host publishes it on the control plane's EventStream;
/// node lifecycle takes an unreachable process's nodes as suspects without waiting for their leases to run out.
/// </summary>
/// <param name="Address">The process's Akka address, as <see cref="WellKnown.ProcessAddressAnnotation"/> has it.</param>
public sealed record ProcessReachabilityChanged(string Address, bool Reachable);
