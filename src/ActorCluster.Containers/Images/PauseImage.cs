using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Images;

/// <summary>registry.k8s.io/pause: waits until it is told to end.</summary>
public sealed class PauseImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["registry.k8s.io/pause", "k8s.gcr.io/pause", "gcr.io/google_containers/pause", "rancher/mirrored-pause"];
    public override ImmutableArray<string> Entrypoint => ["/pause"];

    public override ImmutableDictionary<string, IProgram> Programs { get; } =
        ImmutableDictionary<string, IProgram>.Empty.Add("/pause", new DelegateProgram(PauseAsync));

    public override string Description => "does nothing until it is stopped";

    private static Task<int> PauseAsync(ProcessContext context)
    {
        // As upstream's pause.c: SIGINT and SIGTERM end it, with 0.
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Signals.Handle(Signals.Interrupt, () => done.TrySetResult(0));
        context.Signals.Handle(Signals.Terminate, () => done.TrySetResult(0));
        return done.Task;
    }
}
