using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Resources;

/// <summary>What a pod gets that its author left out (pkg/apis/core/v1/defaults.go).</summary>
internal static class PodDefaults
{
    private const int TokenExpirationSeconds = 60 * 60; // SetDefaults_ServiceAccountTokenProjection in pkg/apis/core/v1/defaults.go
    private const int VolumeFileMode = 0x1a4; // 0644

    /// <summary>A pod itself.</summary>
    public static void Apply(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        ApplyToSpec(spec);
        foreach (var container in Containers(spec)) RequestWhatIsLimited(container);
        if (!spec.Has("enableServiceLinks")) spec["enableServiceLinks"] = true;
    }

    /// <summary>A pod's spec, in a pod or in a template.</summary>
    public static void ApplyToSpec(JsonObject spec)
    {
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("restartPolicy", "Always");
        spec.Ensure("securityContext");
        if (!spec.Has("terminationGracePeriodSeconds")) spec["terminationGracePeriodSeconds"] = 30;
        spec.Default("schedulerName", "default-scheduler");
        // Two names of one thing; the newer one counts.
        if (spec.GetString("serviceAccountName") is { Length: > 0 } account) spec["serviceAccount"] = account;
        else if (spec.GetString("serviceAccount") is { Length: > 0 } old) spec["serviceAccountName"] = old;
        foreach (var container in Containers(spec).Concat(spec.GetObjects("ephemeralContainers"))) ApplyToContainer(container, spec);
        foreach (var volume in spec.GetObjects("volumes")) ApplyToVolume(volume);
        foreach (var constraint in spec.GetObjects("topologySpreadConstraints"))
        {
            constraint.Default("nodeAffinityPolicy", "Honor");
            constraint.Default("nodeTaintsPolicy", "Ignore");
        }
    }

    public static IEnumerable<JsonObject> Containers(JsonObject spec) => spec.GetObjects("initContainers").Concat(spec.GetObjects("containers"));

    private static void ApplyToContainer(JsonObject container, JsonObject spec)
    {
        container.Default("imagePullPolicy", IsLatest(container.GetString("image") ?? "") ? "Always" : "IfNotPresent");
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Ensure("resources");
        foreach (var port in container.GetObjects("ports"))
        {
            port.Default("protocol", "TCP");
            if (spec.GetBoolean("hostNetwork") == true && (port.GetInteger("hostPort") ?? 0) == 0) port.Put("hostPort", port["containerPort"]?.DeepClone());
        }
        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.GetObject(name) is { } probe) ApplyToProbe(probe);
        }
        foreach (var variable in container.GetObjects("env"))
        {
            if (variable.At("valueFrom", "fieldRef") is JsonObject field) field.Default("apiVersion", "v1");
            if (variable.At("valueFrom", "resourceFieldRef") is JsonObject resource) resource.Default("divisor", "0");
        }
        if (container.GetObject("lifecycle") is { } lifecycle)
        {
            foreach (var name in (ReadOnlySpan<string>)["postStart", "preStop"])
            {
                if (lifecycle.At(name, "httpGet") is JsonObject get) ApplyToHttpGet(get);
            }
        }
    }

    private static void ApplyToProbe(JsonObject probe)
    {
        DefaultNumber(probe, "timeoutSeconds", 1);
        DefaultNumber(probe, "periodSeconds", 10);
        DefaultNumber(probe, "successThreshold", 1);
        DefaultNumber(probe, "failureThreshold", 3);
        if (probe.GetObject("httpGet") is { } get) ApplyToHttpGet(get);
        if (probe.GetObject("grpc") is { } grpc && !grpc.Has("service")) grpc["service"] = "";
    }

    private static void ApplyToHttpGet(JsonObject get)
    {
        get.Default("path", "/");
        get.Default("scheme", "HTTP");
    }

    private static void ApplyToVolume(JsonObject volume)
    {
        if (!volume.Any(f => f.Key != "name" && f.Value is not null)) volume["emptyDir"] = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["configMap", "secret", "downwardAPI", "projected"])
        {
            if (volume.GetObject(name) is { } source && !source.Has("defaultMode")) source["defaultMode"] = VolumeFileMode;
        }
        foreach (var source in volume.GetObject("projected")?.GetArray("sources") ?? [])
        {
            if (source is JsonObject projection && projection.GetObject("serviceAccountToken") is { } token && !token.Has("expirationSeconds"))
                token["expirationSeconds"] = TokenExpirationSeconds;
        }
        if (volume.GetObject("hostPath") is { } path && !path.Has("type")) path["type"] = "";
        volume.GetObject("image")?.Default("pullPolicy", IsLatest(volume.TextAt("image", "reference") ?? "") ? "Always" : "IfNotPresent");
    }

    private static void RequestWhatIsLimited(JsonObject container)
    {
        if (container.At("resources", "limits") is not JsonObject { Count: > 0 } limits) return;
        var requests = container.Ensure("resources").Ensure("requests");
        foreach (var (name, amount) in limits)
        {
            if (!requests.ContainsKey(name)) requests[name] = amount?.DeepClone();
        }
    }

    // A probe's zero means that nothing was said.
    private static void DefaultNumber(JsonObject obj, string name, int value)
    {
        if ((obj.GetInteger(name) ?? 0) == 0) obj[name] = value;
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal)) return false;
        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || name[(colon + 1)..] == "latest";
    }
}
