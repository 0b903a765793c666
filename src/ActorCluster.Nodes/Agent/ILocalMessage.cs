using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

/// <summary>A message between actors of one node, which live in one process: it is never serialized.</summary>
internal interface ILocalMessage : INoSerializationVerificationNeeded;
