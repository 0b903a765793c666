using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Images;

/// <summary>nautilus and kitten, the two versions of Kubernetes's update demo: agnhost's file server and a data.json that names their picture
/// (kubernetes/test/images/nautilus). The picture itself isn't there.</summary>
/// <param name="name">What is on the picture.</param>
public sealed class UpdateDemoImage(string name) : AgnHostImage
{
    public override ImmutableArray<string> Repositories => [$"registry.k8s.io/e2e-test-images/{name}", $"k8s.gcr.io/e2e-test-images/{name}"];
    public override ImmutableArray<string> Command => ["test-webserver"];

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files =>
        base.Files.Add("/data.json", Encoding.UTF8.GetBytes($"{{\n  \"image\": \"{name}.jpg\"\n}}\n"));

    public override string Description => "The update demo's file server on port 80: /data.json says which version it is";
}
