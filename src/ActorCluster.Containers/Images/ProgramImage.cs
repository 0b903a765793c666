using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>One C# function as an image, on top of busybox's tools and shell.</summary>
/// <param name="reference">Repository, '*' as a wildcard, with a tag or without.</param>
/// <param name="run">The container's main program; its exit code.</param>
public sealed class ProgramImage(string reference, Func<ProcessContext, Task<int>> run) : ContainerImage
{
    private const string ProgramPath = "/app/program";

    public override ImmutableArray<string> Repositories => [reference];

    public override ImmutableArray<string> Entrypoint => [ProgramPath];

    public override ImmutableDictionary<string, IProgram> Programs { get; } = BusyBox.Programs.Add(ProgramPath, new DelegateProgram(run));

    public override string Description => "a program of the test's own";
}
