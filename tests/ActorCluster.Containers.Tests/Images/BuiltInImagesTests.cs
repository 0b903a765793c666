using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Runtime;
using ActorCluster.Contracts.Runtime;

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
    [InlineData("registry.k8s.io/e2e-test-images/nonewprivs:1.4", typeof(NoNewPrivilegesImage))]
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

    [Theory]
    [InlineData("alpine:3.22", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("registry.k8s.io/e2e-test-images/agnhost:2.63.0", "Alpine Linux v3.21", "/etc/alpine-release")]
    [InlineData("registry.k8s.io/e2e-test-images/kitten:1.8", "Alpine Linux v3.21", "/etc/alpine-release")]
    [InlineData("curlimages/curl", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("nginx", "Debian GNU/Linux 13 (trixie)", "/etc/debian_version")]
    [InlineData("nginx:1.29", "Debian GNU/Linux 13 (trixie)", "/etc/debian_version")]
    [InlineData("nginx:alpine", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("nginx:1.29-alpine-slim", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("registry.k8s.io/e2e-test-images/nginx:1.27-0", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("httpd:2.4", "Debian GNU/Linux 13 (trixie)", "/etc/debian_version")]
    [InlineData("httpd:2.4-alpine", "Alpine Linux v3.22", "/etc/alpine-release")]
    [InlineData("registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7", "Debian GNU/Linux 8 (jessie)", "/etc/debian_version")]
    public async Task An_image_says_what_it_is_built_on(string reference, string name, string versionFile)
    {
        await using var sandbox = new Sandbox(_runtime.FindImage(reference), ["sh", "-c", $". /etc/os-release; echo $PRETTY_NAME; test -s {versionFile}; readlink /etc/os-release"]);
        (await sandbox.RunAsync()).ShouldBe(new ScriptResult(0, name + "\n../usr/lib/os-release\n", ""));
    }

    [Theory]
    [InlineData("busybox")]
    [InlineData("registry.k8s.io/pause:3.10")]
    public void Images_that_are_built_on_nothing_do_not_say(string reference) => FilesOf(reference).Exists("/etc/os-release").ShouldBeFalse();

    [Fact]
    public void A_volume_of_an_image_tells_what_that_image_would()
    {
        using var release = new StreamReader(FilesOf("registry.k8s.io/e2e-test-images/kitten:1.8").Open("/etc/os-release", FileOpen.Read));
        release.ReadToEnd().ShouldContain("Alpine Linux");
        using var distroless = new StreamReader(FilesOf("registry.k8s.io/coredns/coredns:v1.12.1").Open("/etc/os-release", FileOpen.Read));
        distroless.ReadToEnd().ShouldContain("Distroless");
    }

    [Fact]
    public void A_variant_by_its_tag_is_not_mentioned_beside_its_image()
    {
        _runtime.ImageNames.ShouldContain("nginx");
        _runtime.ImageNames.ShouldNotContain(name => name.Contains('*', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_of_a_program_of_a_variant_still_is_that_program()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System);
        await using var from = new Sandbox(_runtime.FindImage("nginxinc/nginx-unprivileged:alpine"), ["cp", "/usr/sbin/nginx", "/v/nginx"], mounts: [new VolumeMount("/v", volume, "", false)]);
        (await from.RunAsync()).Code.ShouldBe(0);
        await using var to = new Sandbox(command: ["/v/nginx", "-v"], mounts: [new VolumeMount("/v", volume, "", false)]);
        (await to.RunAsync()).Errors.ShouldStartWith("nginx version: nginx/");
    }

    private IFileSystem FilesOf(string reference) => _runtime.CreateImageVolume("v", _runtime.FindImage(reference)!, SimulationContext.RealTime(7)).Files;
}
