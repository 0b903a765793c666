using Akka.Actor;
using Akka.Event;

namespace ActorCluster.Nodes.Agent;

/// <summary>A message between actors of one node, which live in one process: it is never serialized.</summary>
internal interface ILocalMessage : INoSerializationVerificationNeeded;

/// <summary>A timer's or a task's message to its own actor, which may have ended meanwhile: that it is lost then is nothing to log.</summary>
internal interface ILateMessage : ILocalMessage, IDeadLetterSuppression;
