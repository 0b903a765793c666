namespace ActorCluster.ApiServer.Tests.Support;

internal static class Manifests
{
    public static string Pod(string name, string extra = "", string labels = "app: web") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: { {{labels}} }
        spec:
          containers:
          - {name: main, image: nginx}
        {{extra}}
        """;

    public static string ConfigMap(string name, string data = "a: b", string metadata = "") => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}} {{metadata}} }
        data: { {{data}} }
        """;

    public static string Service(string name, string spec = "") => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}} }
        spec:
          ports: [{port: 80}]
          selector: {app: web}
          {{spec}}
        """;

    public static string Deployment(string name) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}} }
        spec:
          replicas: 3
          selector:
            matchLabels: {app: {{name}} }
          template:
            metadata:
              labels: {app: {{name}} }
            spec:
              containers:
              - {name: main, image: 'nginx:1.27'}
        """;
}
