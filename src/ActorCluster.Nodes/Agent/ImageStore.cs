using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Nodes.Agent;

/// <summary>The images that a node has pulled. Safe for concurrent use.</summary>
internal sealed class ImageStore(IContainerRuntime runtime)
{
    private readonly ConcurrentDictionary<string, PulledImage> _pulled = new(StringComparer.Ordinal);

    /// <returns>Null if the node hasn't pulled it.</returns>
    public PulledImage? Find(ImageReference reference) => _pulled.GetValueOrDefault(reference.ToString());

    /// <returns>Null if there is no such image; the names of those that exist are in <see cref="IContainerRuntime.ImageNames"/>.</returns>
    public PulledImage? Pull(ImageReference reference)
    {
        if (runtime.FindImage(reference.ToString()) is not { } image) return null;
        return _pulled.GetOrAdd(reference.ToString(), static (name, found) => new PulledImage(found.Image, name, IdOf(found.Reference, name), SizeOf(found.Image)), (Image: image, Reference: reference));
    }

    private static string IdOf(ImageReference reference, string name) =>
        $"{reference.Repository}@{reference.Digest ?? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}";

    private static long SizeOf(ContainerImage image) => image.Files.Values.Sum(file => (long)file.Length);
}

/// <param name="Name">In full: docker.io/library/nginx:latest.</param>
/// <param name="Id">As containerStatuses[].imageID has it.</param>
/// <param name="Size">Bytes of its files.</param>
internal sealed record PulledImage(ContainerImage Image, string Name, string Id, long Size);
