namespace ActorCluster.Containers.Images;

/// <summary>The images that a cluster knows from the start; one line an image.</summary>
public static class BuiltInImages
{
    public static IReadOnlyList<ContainerImage> All { get; } =
    [
        new PauseImage(),
        new BusyBoxImage(),
        new AlpineImage(),
    ];
}
