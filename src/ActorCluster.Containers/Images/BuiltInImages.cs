namespace ActorCluster.Containers.Images;

/// <summary>The images that a cluster knows from the start; one line an image.</summary>
public static class BuiltInImages
{
    private static readonly LinuxDistribution Alpine = LinuxDistribution.Alpine("3.22.2");

    public static IReadOnlyList<ContainerImage> All { get; } =
    [
        new PauseImage(),
        new BusyBoxImage(),
        new AlpineImage(),
        new NginxImage(80, LinuxDistribution.Trixie, "nginx", "nginxinc/nginx", "public.ecr.aws/nginx/nginx"),
        new NginxImage(80, Alpine, "registry.k8s.io/e2e-test-images/nginx", "registry.k8s.io/e2e-test-images/nginx-new", "nginx:*alpine*", "nginxinc/nginx:*alpine*", "public.ecr.aws/nginx/nginx:*alpine*"),
        new NginxImage(8080, LinuxDistribution.Trixie, "nginxinc/nginx-unprivileged"),
        new NginxImage(8080, Alpine, "nginxinc/nginx-unprivileged:*alpine*"),
        new HttpdImage(LinuxDistribution.Trixie, "httpd", "public.ecr.aws/docker/library/httpd"),
        new HttpdImage(Alpine, "registry.k8s.io/e2e-test-images/httpd", "httpd:*alpine*", "public.ecr.aws/docker/library/httpd:*alpine*"),
        new CurlImage(),
        new CoreDnsImage(),
        new AgnHostImage(),
        new NoNewPrivilegesImage(),
        new UpdateDemoImage("nautilus"),
        new UpdateDemoImage("kitten"),
        new DnsUtilsImage(LinuxDistribution.Jessie, "registry.k8s.io/e2e-test-images/jessie-dnsutils"),
        new DnsUtilsImage(LinuxDistribution.Bookworm, "registry.k8s.io/e2e-test-images/glibc-dns-testing"),
        new DnsUtilsImage(Alpine, "gcr.io/kubernetes-e2e-test-images/dnsutils", "infoblox/dnstools"),
        new DnsUtilsImage(null, "tutum/dnsutils"),
    ];
}
