using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Tests.Resources;

public sealed class DefaultSpecs
{
    private static readonly ResourceRegistry Registry = ResourceRegistry.BuiltIn();

    [Fact]
    public void A_pod_gets_what_its_author_left_out() => Defaulted("pods", """
        spec:
          containers:
          - name: web
            image: nginx
            ports: [{containerPort: 80}]
            livenessProbe: {httpGet: {port: 80}}
            resources: {limits: {cpu: 500m}}
            env:
            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            lifecycle: {preStop: {httpGet: {port: 80}}}
          volumes: [{name: scratch}, {name: conf, configMap: {name: c}}]
        """).ShouldBe(Canonical("""
        spec:
          containers:
          - name: web
            image: nginx
            imagePullPolicy: Always
            terminationMessagePath: /dev/termination-log
            terminationMessagePolicy: File
            ports: [{containerPort: 80, protocol: TCP}]
            livenessProbe: {httpGet: {port: 80, path: /, scheme: HTTP}, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3}
            resources: {limits: {cpu: 500m}, requests: {cpu: 500m}}
            env:
            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP, apiVersion: v1}}}
            lifecycle: {preStop: {httpGet: {port: 80, path: /, scheme: HTTP}}}
          volumes: [{name: scratch, emptyDir: {}}, {name: conf, configMap: {name: c, defaultMode: 420}}]
          dnsPolicy: ClusterFirst
          restartPolicy: Always
          securityContext: {}
          terminationGracePeriodSeconds: 30
          schedulerName: default-scheduler
          enableServiceLinks: true
        """));

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("localhost:5000/nginx", "Always")]
    [InlineData("nginx:1.27", "IfNotPresent")]
    [InlineData("localhost:5000/nginx:1.27", "IfNotPresent")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    [InlineData("nginx:latest@sha256:0123", "IfNotPresent")]
    public void An_image_is_pulled_always_only_if_it_is_the_latest(string image, string policy) =>
        JsonNode.Parse(Defaulted("pods", $"spec: {{containers: [{{name: a, image: '{image}'}}]}}"))!["spec"]!["containers"]![0]!["imagePullPolicy"]!.ToString().ShouldBe(policy);

    [Fact]
    public void A_pod_on_its_nodes_network_has_its_ports_on_the_node()
    {
        var pod = JsonNode.Parse(Defaulted("pods", "spec: {hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 80}]}]}"))!;
        pod["spec"]!["containers"]![0]!["ports"]![0]!["hostPort"]!.GetValue<int>().ShouldBe(80);
    }

    [Fact]
    public void A_service_gets_what_its_author_left_out() => Defaulted("services", """
        spec: {ports: [{port: 80}, {port: 53, protocol: UDP, targetPort: dns}], selector: {app: web}}
        """).ShouldBe(Canonical("""
        spec:
          ports: [{port: 80, protocol: TCP, targetPort: 80}, {port: 53, protocol: UDP, targetPort: dns}]
          selector: {app: web}
          sessionAffinity: None
          type: ClusterIP
          internalTrafficPolicy: Cluster
        """));

    [Fact]
    public void A_service_that_sticks_to_clients_does_so_for_three_hours() =>
        JsonNode.Parse(Defaulted("services", "spec: {sessionAffinity: ClientIP, ports: [{port: 80}]}"))!["spec"]!["sessionAffinityConfig"]!["clientIP"]!["timeoutSeconds"]!
            .GetValue<int>().ShouldBe(10800);

    [Fact]
    public void A_name_for_an_outside_host_needs_no_addresses() =>
        Defaulted("services", "spec: {type: ExternalName, externalName: example.com}")
            .ShouldBe(Canonical("spec: {type: ExternalName, externalName: example.com, sessionAffinity: None}"));

    [Fact]
    public void A_deployment_rolls_by_a_quarter() => Defaulted("deployments.apps", """
        spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i:1}]}}}
        """).ShouldBe(Canonical("""
        spec:
          selector: {matchLabels: {a: b}}
          replicas: 1
          revisionHistoryLimit: 10
          progressDeadlineSeconds: 600
          strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%, maxSurge: 25%}}
          template:
            metadata: {labels: {a: b}}
            spec:
              containers: [{name: c, image: i:1, imagePullPolicy: IfNotPresent, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File, resources: {}}]
              dnsPolicy: ClusterFirst
              restartPolicy: Always
              securityContext: {}
              terminationGracePeriodSeconds: 30
              schedulerName: default-scheduler
        """));

    [Fact]
    public void A_deployment_that_recreates_does_not_roll() =>
        JsonNode.Parse(Defaulted("deployments.apps", "spec: {strategy: {type: Recreate}, template: {}}"))!["spec"]!["strategy"]!.ToJsonString().ShouldBe("""{"type":"Recreate"}""");

    [Theory]
    [InlineData("pods", "spec: {containers: [{name: a, image: b, ports: [{containerPort: 80}]}], volumes: [{name: v}]}")]
    [InlineData("services", "spec: {type: LoadBalancer, ports: [{port: 80}]}")]
    [InlineData("services", "spec: {clusterIP: None, sessionAffinity: ClientIP, ports: [{port: 80}]}")]
    [InlineData("deployments.apps", "spec: {template: {spec: {containers: [{name: a, image: b}]}}}")]
    [InlineData("replicasets.apps", "spec: {template: {spec: {containers: [{name: a, image: b}]}}}")]
    public void What_has_its_defaults_gets_no_others(string resource, string yaml)
    {
        var once = Defaulted(resource, yaml);
        Defaulted(resource, once).ShouldBe(once);
    }

    [Fact]
    public void Every_resource_bears_an_object_with_nothing_in_it()
    {
        foreach (var definition in Registry.All)
        {
            var obj = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" } };
            definition.Strategy.ApplyDefaults(obj);
            definition.Strategy.PrepareForCreate(obj);
            definition.Strategy.Validate(obj, new FieldErrors());
            definition.Strategy.Warnings(obj).ToList().ShouldNotBeNull();
            var old = (JsonObject)obj.DeepClone();
            definition.Strategy.PrepareForUpdate(obj, old);
            definition.Strategy.ValidateUpdate(obj, old, new FieldErrors());
            definition.Strategy.PrepareForStatusUpdate(obj, old);
            definition.Strategy.ValidateStatusUpdate(obj, old, new FieldErrors());
            definition.Printer.Cells(obj, DateTimeOffset.UnixEpoch).Count().ShouldBe(definition.Printer.Columns.Length, definition.Kind);
        }
    }

    private static string Defaulted(string resource, string yaml)
    {
        var obj = (JsonObject)JsonNode.Parse(YamlDocuments.ToJson(yaml).Span)!;
        Registry.Find(ResourceName.Parse(resource))!.Strategy.ApplyDefaults(obj);
        return Sorted(obj).ToJsonString(JsonDocuments.CompactJson);
    }

    private static string Canonical(string yaml) => Sorted(JsonNode.Parse(YamlDocuments.ToJson(yaml).Span))!.ToJsonString(JsonDocuments.CompactJson);

    private static JsonNode Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node!.DeepClone(),
    };
}
