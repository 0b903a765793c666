namespace ActorCluster.Containers.Images;

/// <summary>The images that a cluster knows from the start; one line an image.</summary>
public static class BuiltInImages
{
    public static IReadOnlyList<ContainerImage> All { get; } =
    [
        new PauseImage(),
        new BusyBoxImage(),
        new AlpineImage(),
        new NginxImage(80, "nginx", "nginxinc/nginx", "public.ecr.aws/nginx/nginx", "registry.k8s.io/e2e-test-images/nginx"),
        new NginxImage(8080, "nginxinc/nginx-unprivileged"),
        new HttpdImage(),
        new CurlImage(),
        new CoreDnsImage(),
        new AgnHostImage(),
        new UpdateDemoImage("nautilus"),
        new UpdateDemoImage("kitten"),
        new DnsUtilsImage(),
    ];
}
