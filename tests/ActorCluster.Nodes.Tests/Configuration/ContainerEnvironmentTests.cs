using System.Text;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Configuration;

public class ContainerEnvironmentTests
{
    private static readonly PodAddresses Addresses = new(["172.18.0.1", "fc00:f853:ccd:e793::1"], ["10.244.0.2", "fd00:10:244::2"]);
    private static readonly Dictionary<string, decimal> Allocatable = new() { ["cpu"] = 8, ["memory"] = 1024 };
    private readonly Objects _objects = new();
    private readonly V1Container _container = TestPods.Container("main");
    private readonly V1Pod _pod;

    public ContainerEnvironmentTests() => _pod = TestPods.Pod(containers: [_container]);

    [Fact]
    public void Later_variables_may_refer_to_earlier_ones_and_to_services()
    {
        _objects.Services.Add(Service("kubernetes", "10.96.0.1", 443, "https"));
        _container.Env = [Literal("A", "1"), Literal("B", "$(A)2"), Literal("C", "$(KUBERNETES_SERVICE_HOST) $(D)"), Literal("D", "late")];
        var variables = Build();
        variables["B"].ShouldBe("12");
        variables["C"].ShouldBe("10.96.0.1 $(D)");
    }

    [Fact]
    public void The_downward_API_tells_the_pod_about_itself()
    {
        _pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "shop", ["b"] = "x\"y" };
        _container.Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("250m") } };
        _container.Env =
        [
            Field("NAME", "metadata.name"), Field("IP", "status.podIP"), Field("HOST", "status.hostIP"), Field("IPS", "status.podIPs"), Field("HOSTS", "status.hostIPs"), Field("NODE", "spec.nodeName"),
            Field("APP", "metadata.labels['app']"), Field("LABELS", "metadata.labels"),
            Resource("CPU", "limits.cpu", null), Resource("MILLICPU", "limits.cpu", "1m"), Resource("MEMORY", "limits.memory", null),
        ];
        var variables = Build();
        variables["NAME"].ShouldBe("web");
        variables["IP"].ShouldBe("10.244.0.2");
        variables["HOST"].ShouldBe("172.18.0.1");
        variables["IPS"].ShouldBe("10.244.0.2,fd00:10:244::2");
        variables["HOSTS"].ShouldBe("172.18.0.1,fc00:f853:ccd:e793::1");
        variables["NODE"].ShouldBe("node-1");
        variables["APP"].ShouldBe("shop");
        variables["LABELS"].ShouldBe("app=\"shop\"\nb=\"x\\\"y\"");
        variables["CPU"].ShouldBe("1");
        variables["MILLICPU"].ShouldBe("250");
        variables["MEMORY"].ShouldBe("1024");
    }

    [Fact]
    public void EnvFrom_comes_first_and_env_overrides_it()
    {
        _objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["COLOUR"] = "blue", ["SIZE"] = "big" } };
        _objects.Secrets["login"] = new V1Secret { Data = new Dictionary<string, byte[]> { ["USER"] = Encoding.UTF8.GetBytes("me") } };
        _container.EnvFrom =
        [
            new V1EnvFromSource { ConfigMapRef = new V1ConfigMapEnvSource { Name = "settings" } },
            new V1EnvFromSource { Prefix = "DB_", SecretRef = new V1SecretEnvSource { Name = "login" } },
            new V1EnvFromSource { ConfigMapRef = new V1ConfigMapEnvSource { Name = "absent", Optional = true } },
        ];
        _container.Env = [Literal("SIZE", "small")];
        var variables = Build();
        variables["COLOUR"].ShouldBe("blue");
        variables["SIZE"].ShouldBe("small");
        variables["DB_USER"].ShouldBe("me");
    }

    [Fact]
    public void What_is_missing_is_said_in_upstreams_words_unless_it_is_optional()
    {
        _objects.ConfigMaps["settings"] = new V1ConfigMap { Data = new Dictionary<string, string>() };
        _container.Env = [new V1EnvVar { Name = "A", ValueFrom = new V1EnvVarSource { ConfigMapKeyRef = new V1ConfigMapKeySelector { Name = "settings", Key = "a", Optional = true } } }];
        Build().ShouldNotContainKey("A");
        _container.Env[0].ValueFrom.ConfigMapKeyRef.Optional = false;
        Should.Throw<PodConfigurationException>(Build).Message.ShouldBe("couldn't find key a in ConfigMap default/settings");
        _container.Env[0].ValueFrom.ConfigMapKeyRef.Name = "absent";
        Should.Throw<PodConfigurationException>(Build).Message.ShouldBe("configmap \"absent\" not found");
    }

    [Fact]
    public void Services_are_told_as_upstream_tells_them()
    {
        var services = new[] { Service("my-web", "10.96.0.7", 80, "http", "admin:8080"), Service("kubernetes", "10.96.0.1", 443, "https"), Service("headless", "None", 80, null), Service("far", "10.96.0.9", 80, null, ns: "other") };
        var variables = ServiceEnvironment.For("default", true, services);
        variables["MY_WEB_SERVICE_HOST"].ShouldBe("10.96.0.7");
        variables["MY_WEB_SERVICE_PORT"].ShouldBe("80");
        variables["MY_WEB_SERVICE_PORT_HTTP"].ShouldBe("80");
        variables["MY_WEB_SERVICE_PORT_ADMIN"].ShouldBe("8080");
        variables["MY_WEB_PORT"].ShouldBe("tcp://10.96.0.7:80");
        variables["MY_WEB_PORT_8080_TCP"].ShouldBe("tcp://10.96.0.7:8080");
        variables["MY_WEB_PORT_8080_TCP_PROTO"].ShouldBe("tcp");
        variables["MY_WEB_PORT_8080_TCP_PORT"].ShouldBe("8080");
        variables["MY_WEB_PORT_8080_TCP_ADDR"].ShouldBe("10.96.0.7");
        variables["KUBERNETES_SERVICE_HOST"].ShouldBe("10.96.0.1");
        variables.Keys.ShouldNotContain(name => name.StartsWith("HEADLESS", StringComparison.Ordinal) || name.StartsWith("FAR", StringComparison.Ordinal));
        ServiceEnvironment.For("default", false, services).Keys.ShouldAllBe(name => name.StartsWith("KUBERNETES_", StringComparison.Ordinal));
        ServiceEnvironment.For("other", true, services)["KUBERNETES_SERVICE_PORT_HTTPS"].ShouldBe("443");
    }

    private Dictionary<string, string> Build() => ContainerEnvironment.Build(_pod, _container, _objects, Addresses, Allocatable);

    private static V1EnvVar Literal(string name, string value) => new() { Name = name, Value = value };

    private static V1EnvVar Field(string name, string path) => new() { Name = name, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } } };

    private static V1EnvVar Resource(string name, string resource, string? divisor) =>
        new() { Name = name, ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = resource, Divisor = divisor is null ? null : new(divisor) } } };

    private static V1Service Service(string name, string address, int port, string? portName, string? second = null, string ns = "default")
    {
        var ports = new List<V1ServicePort> { new() { Port = port, Name = portName, Protocol = "TCP" } };
        if (second?.Split(':') is [var secondName, var secondPort]) ports.Add(new V1ServicePort { Name = secondName, Port = int.Parse(secondPort, System.Globalization.CultureInfo.InvariantCulture), Protocol = "TCP" });
        return new V1Service { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns }, Spec = new V1ServiceSpec { ClusterIP = address, Ports = ports } };
    }

    private sealed class Objects : IPodObjects
    {
        public Dictionary<string, V1ConfigMap> ConfigMaps { get; } = [];
        public Dictionary<string, V1Secret> Secrets { get; } = [];
        public List<V1Service> Services { get; } = [];

        public V1ConfigMap? ConfigMap(string ns, string name) => ConfigMaps.GetValueOrDefault(name);
        public V1Secret? Secret(string ns, string name) => Secrets.GetValueOrDefault(name);
        public IReadOnlyDictionary<string, string> ServiceVariables(string ns, bool enableServiceLinks) => ServiceEnvironment.For(ns, enableServiceLinks, Services);
    }
}
