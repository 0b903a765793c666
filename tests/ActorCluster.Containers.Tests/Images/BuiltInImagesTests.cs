using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tests.Images;

public sealed class BuiltInImagesTests
{
    private readonly ContainerRuntime _runtime = new(BuiltInImages.All);

    [Theory]
    [InlineData("nginx", typeof(NginxImage))]
    [InlineData("nginx:latest", typeof(NginxImage))]
    [InlineData("nginx:1.27-alpine", typeof(NginxImage))]
    [InlineData("nginx:1.14.2", typeof(NginxImage))]
    [InlineData("docker.io/library/nginx:stable", typeof(NginxImage))]
    [InlineData("docker.io/nginx", typeof(NginxImage))]
    [InlineData("nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", typeof(NginxImage))]
    [InlineData("nginxinc/nginx-unprivileged:1.27", typeof(NginxImage))]
    [InlineData("busybox", typeof(BusyBoxImage))]
    [InlineData("busybox:1.36", typeof(BusyBoxImage))]
    [InlineData("busybox:1.28", typeof(BusyBoxImage))]
    [InlineData("busybox:1.36.1-uclibc", typeof(BusyBoxImage))]
    [InlineData("registry.k8s.io/e2e-test-images/busybox:1.36.1-1", typeof(BusyBoxImage))]
    [InlineData("index.docker.io/library/busybox", typeof(BusyBoxImage))]
    [InlineData("alpine:3.20", typeof(AlpineImage))]
    [InlineData("httpd", typeof(HttpdImage))]
    [InlineData("httpd:2.4-alpine", typeof(HttpdImage))]
    [InlineData("registry.k8s.io/e2e-test-images/httpd:2.4.38-4", typeof(HttpdImage))]
    [InlineData("curlimages/curl:8.10.1", typeof(CurlImage))]
    [InlineData("registry.k8s.io/pause:3.10", typeof(PauseImage))]
    [InlineData("registry.k8s.io/coredns/coredns:v1.12.1", typeof(CoreDnsImage))]
    [InlineData("registry.k8s.io/e2e-test-images/agnhost:2.39", typeof(AgnHostImage))]
    [InlineData("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", typeof(DnsUtilsImage))]
    public void References_find_their_image_whatever_the_tag(string reference, Type image) => _runtime.FindImage(reference).ShouldBeOfType(image);

    [Theory]
    [InlineData("nonesuch")]
    [InlineData("example.com/nginx")]
    [InlineData("library/nonesuch:1")]
    [InlineData("nginx:")]
    [InlineData("NGINX")]
    public void Others_find_none(string reference) => _runtime.FindImage(reference).ShouldBeNull();

    [Fact]
    public void Every_image_starts_with_a_program_of_its_own()
    {
        foreach (var image in BuiltInImages.All)
        {
            var first = image.Entrypoint.Concat(image.Command).First();
            var path = image.Environment["PATH"].Split(':').Select(folder => $"{folder}/{first}").Prepend(first);
            path.Any(image.Programs.ContainsKey).ShouldBeTrue($"{image.Repositories[0]}: {first}");
        }
    }
}
