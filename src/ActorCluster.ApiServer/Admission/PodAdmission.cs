using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.ApiServer.Admission;

/// <summary>The service account that a pod runs as, and the volume with its credentials for the API (plugin/pkg/admission/serviceaccount).</summary>
/// <remarks>The account named "default" need not exist yet: its controller makes it soon after the namespace.</remarks>
internal sealed class ServiceAccountAdmission(RandomSource random) : IAdmission
{
    private const string VolumePrefix = "kube-api-access-";
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Marks pods that a node runs by itself: they have no account.</summary>
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName ServiceAccounts = new("", "serviceaccounts");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Pods) return;
        if (ObjectMetadata.Of(request.Object).Annotations?.ContainsKey(MirrorAnnotation) == true) return;
        var spec = request.Object.Ensure("spec");
        spec.Default("serviceAccountName", "default");
        var account = spec.GetString("serviceAccountName")!;
        spec["serviceAccount"] = account;
        var stored = request.Snapshot.Get(new ObjectKey(ServiceAccounts, request.Namespace, account));
        if (account != "default" && stored is null)
        {
            throw StatusException.Forbidden(Pods, request.Name,
                $"error looking up service account {request.Namespace}/{account}: serviceaccount \"{account}\" not found");
        }
        var automount = spec.GetBoolean("automountServiceAccountToken") ?? (stored is null ? null : ObjectEncoder.Decode(stored).GetBoolean("automountServiceAccountToken")) ?? true;
        if (automount) Mount(spec);
    }

    private void Mount(JsonObject spec)
    {
        var existing = spec.GetObjects("volumes").Select(volume => volume.GetString("name")).FirstOrDefault(name => name?.StartsWith(VolumePrefix, StringComparison.Ordinal) == true);
        var volume = existing ?? VolumePrefix + random.NextSuffix();
        var isMounted = false;
        foreach (var container in spec.GetObjects("initContainers").Concat(spec.GetObjects("containers")))
        {
            if (container.GetObjects("volumeMounts").Any(mount => mount.GetString("mountPath") == MountPath)) continue;
            if (container.GetArray("volumeMounts") is not { } mounts) container["volumeMounts"] = mounts = [];
            mounts.Add((JsonNode)new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
            isMounted = true;
        }
        if (existing is not null || !isMounted) return;
        if (spec.GetArray("volumes") is not { } volumes) spec["volumes"] = volumes = [];
        volumes.Add((JsonNode)new JsonObject { ["name"] = volume, ["projected"] = Credentials() });
    }

    /// <summary>A token, the cluster's CA and the namespace, as client libraries look for them inside a pod.</summary>
    private static JsonObject Credentials() => new()
    {
        ["sources"] = new JsonArray(
            new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
            new JsonObject
            {
                ["configMap"] = new JsonObject { ["name"] = "kube-root-ca.crt", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }) },
            },
            new JsonObject
            {
                ["downwardAPI"] = new JsonObject
                {
                    ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } }),
                },
            }),
        ["defaultMode"] = 0b110_100_100,
    };
}

/// <summary>
/// How long a pod stays on a node that is not ready or not reachable, where it doesn't say (plugin/pkg/admission/defaulttolerationseconds). Updates are completed as well: whoever writes
/// tolerations of his own takes none of these away.
/// </summary>
internal sealed class DefaultTolerations(ClusterTimings timings) : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Definition.Name != Pods) return;
        var spec = request.Object.Ensure("spec");
        Tolerate(spec, "node.kubernetes.io/not-ready", timings.DefaultNotReadyToleration);
        Tolerate(spec, "node.kubernetes.io/unreachable", timings.DefaultUnreachableToleration);
    }

    private static void Tolerate(JsonObject spec, string taint, TimeSpan time)
    {
        var covered = spec.GetObjects("tolerations").Any(t =>
            (t.GetString("key") is null or "" || t.GetString("key") == taint) && t.GetString("effect") is null or "" or "NoExecute");
        if (covered) return;
        if (spec.GetArray("tolerations") is not { } tolerations) spec["tolerations"] = tolerations = [];
        tolerations.Add((JsonNode)new JsonObject
        {
            ["key"] = taint,
            ["operator"] = "Exists",
            ["effect"] = "NoExecute",
            ["tolerationSeconds"] = (long)Math.Ceiling(time.TotalSeconds),
        });
    }
}
