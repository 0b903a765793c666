using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Containers.Runtime;

/// <summary>Containers of emulated images, all within this OS process.</summary>
public sealed class ContainerRuntime : IContainerRuntime
{
    private readonly Lock _lock = new();
    private ImmutableArray<ContainerImage> _all;
    private volatile ImageCatalog _images;

    // By image, for as long as the image lives: two runtimes of one process share the layers of the built-in images.
    private static readonly ConditionalWeakTable<ContainerImage, ImageLayer> Layers = [];

    public ContainerRuntime(IEnumerable<ContainerImage> images)
    {
        _all = [.. images];
        _images = new ImageCatalog(_all);
    }

    public IReadOnlyList<string> ImageNames => _images.Names;

    /// <summary>From now on there is this image, too; in place of earlier ones of its names.</summary>
    public void Add(ContainerImage image)
    {
        lock (_lock)
        {
            _all = _all.Add(image);
            _images = new ImageCatalog(_all);
        }
    }

    public ContainerImage? FindImage(string reference) => _images.Find(reference);

    public IVolume CreateImageVolume(string name, ContainerImage image, SimulationContext simulation)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        return new Volume(name, simulation.Clock, FileTree.DefaultLimit, LayerOf(image, simulation).Root);
    }

    public IContainer Create(ContainerConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new Container(configuration, LayerOf(configuration.Image, configuration.Simulation), name => configuration.Image.Repositories[0] == name ? configuration.Image : _images.Named(name));
    }

    private static ImageLayer LayerOf(ContainerImage image, SimulationContext simulation) => Layers.GetValue(image, made => new ImageLayer(made, simulation.Random.Child("container-random")));
}
