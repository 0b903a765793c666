namespace ActorCluster.Nodes.Lifecycle;

/// <summary>What a pod's actor has to do next; the answer of <see cref="PodDecider"/>.</summary>
internal abstract record PodAction
{
    /// <summary>Makes the pod's network namespace and volumes; answered by <see cref="PodState.SandboxReady"/> or <see cref="PodState.SandboxFailed"/>.</summary>
    internal sealed record CreateSandbox : PodAction;

    /// <summary>Makes and starts an instance; answered by <see cref="PodState.ContainerStarted"/> or <see cref="PodState.ContainerStartFailed"/>.</summary>
    /// <param name="RestartCount">How many instances there were before it.</param>
    internal sealed record StartContainer(string Name, int RestartCount) : PodAction;

    /// <summary>Ends the instance; answered by <see cref="PodState.ContainerExited"/>. Sent again only with a nearer deadline.</summary>
    /// <param name="Grace">From now until SIGKILL, the preStop hook included.</param>
    /// <param name="Message">The Killing event's text; null when the event was sent before.</param>
    internal sealed record StopContainer(string Name, TimeSpan Grace, string? Message) : PodAction;

    /// <summary>Asks the node for the resources that the spec asks for now; answered by <see cref="PodState.ResizeAllocated"/> or <see cref="PodState.ResizeDeferred"/>.</summary>
    internal sealed record AllocateResources : PodAction;

    /// <summary>Gives the running instance what is allocated to it.</summary>
    internal sealed record UpdateResources(string Name) : PodAction;

    /// <summary>Gives the network namespace and the volumes back; answered by <see cref="PodState.SandboxDestroyed"/>.</summary>
    internal sealed record DestroySandbox : PodAction;

    /// <param name="Container">The container it is about; null for the pod itself.</param>
    internal sealed record RecordEvent(string? Container, string Type, string Reason, string Message) : PodAction;

    /// <summary>Nothing of the pod is left on the node and its deletion was asked for: write the last status and remove the object.</summary>
    internal sealed record RemoveObject : PodAction;
}

/// <param name="WakeAt">When to decide again although nothing happened; null: not needed.</param>
internal readonly record struct PodDecision(PodState State, IReadOnlyList<PodAction> Actions, DateTimeOffset? WakeAt);
