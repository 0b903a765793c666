using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/apps/statefulset, pkg/apis/apps/v1/defaults.go and pkg/apis/apps/validation (ValidateStatefulSetSpec).</summary>
internal sealed class StatefulSetStrategy : ResourceStrategy
{
    private static readonly WorkloadTemplateRules Rules = new("statefulset", "StatefulSet");

    private static readonly string[] Changeable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    private static readonly string[] PartsOfReplicas = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;

    public override IEnumerable<string> NameFaults(string name) => Names.Dns1123Label(name);

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        PodTemplates.ApplyDefaults(spec);
        spec.Default("podManagementPolicy", "OrderedReady");
        if (!spec.Has("replicas")) spec["replicas"] = 1;
        if (!spec.Has("revisionHistoryLimit")) spec["revisionHistoryLimit"] = 10;
        var strategy = spec.Ensure("updateStrategy");
        if (strategy.GetString("type") is null or "")
        {
            strategy["type"] = "RollingUpdate";
            strategy.Ensure("rollingUpdate");
        }
        if (strategy.GetString("type") == "RollingUpdate" && strategy.GetObject("rollingUpdate") is { } rolling && !rolling.Has("partition")) rolling["partition"] = 0;
        foreach (var claim in spec.GetObjects("volumeClaimTemplates"))
        {
            (claim["apiVersion"], claim["kind"]) = ("v1", "PersistentVolumeClaim");
            claim.Ensure("spec").Default("volumeMode", "Filesystem");
            claim.Ensure("status").Default("phase", "Pending");
        }
        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        if (spec.GetString("podManagementPolicy") is { } policy and not ("OrderedReady" or "Parallel"))
        {
            errors.Invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
        }
        UpdateStrategy(spec.Ensure("updateStrategy"), "spec.updateStrategy", errors);
        foreach (var name in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
        {
            FieldRules.OneOf(spec.GetObject("persistentVolumeClaimRetentionPolicy"), name, "spec.persistentVolumeClaimRetentionPolicy", ["Retain", "Delete"], errors);
        }
        FieldRules.NonNegative(spec, "replicas", "spec", errors);
        FieldRules.NonNegative(spec, "minReadySeconds", "spec", errors);
        FieldRules.NonNegative(spec.GetObject("ordinals"), "start", "spec.ordinals", errors);
        PodTemplates.Validate(WithClaims(spec), Rules, errors);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (obj.TextAt("spec", "serviceName") is { Length: > 0 } service) FieldRules.DnsLabel(service, "spec.serviceName", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (obj.Ensure("spec"), old.Ensure("spec"));
        if (spec.Select(field => field.Key).Union(before.Select(field => field.Key)).Except(Changeable).All(field => spec[field].SameAs(before[field]))) return;
        errors.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
            + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        FieldRules.ReplicaCounts(obj.Ensure("status"), PartsOfReplicas, "cannot be greater than status.readyReplicas", errors);
        FieldRules.CollisionCount(obj, old, errors);
    }

    /// <summary>The spec with the volumes that the claims will be, which containers mount by their names.</summary>
    private static JsonObject WithClaims(JsonObject spec)
    {
        if (spec.GetArray("volumeClaimTemplates") is not { Count: > 0 }) return spec;
        var whole = (JsonObject)spec.DeepClone();
        var pod = whole.Ensure("template").Ensure("spec");
        if (pod.GetArray("volumes") is not { } volumes) pod["volumes"] = volumes = [];
        var names = spec.GetObjects("volumeClaimTemplates").Select(claim => claim.TextAt("metadata", "name") ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var hidden in volumes.OfType<JsonObject>().Where(volume => names.Contains(volume.GetString("name") ?? "")).ToList()) volumes.Remove(hidden);
        foreach (var name in names) volumes.Add((JsonNode)new JsonObject { ["name"] = name, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = name } });
        return whole;
    }

    private static void UpdateStrategy(JsonObject strategy, string path, FieldErrors errors)
    {
        var rolling = strategy.GetObject("rollingUpdate");
        switch (strategy.GetString("type"))
        {
            case "OnDelete":
                if (rolling is not null) errors.Invalid($"{path}.rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'");
                break;
            case "RollingUpdate":
                if (rolling is not null) RollingUpdate(rolling, $"{path}.rollingUpdate", errors);
                break;
            default:
                errors.Invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }

    private static void RollingUpdate(JsonObject rolling, string path, FieldErrors errors)
    {
        FieldRules.NonNegative(rolling, "partition", path, errors);
        if (!rolling.Has("maxUnavailable")) return;
        FieldRules.IntOrPercent(rolling, "maxUnavailable", path, errors);
        if (FieldRules.Amount(rolling["maxUnavailable"]) == 0) errors.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"], "cannot be 0");
        FieldRules.AtMostHundredPercent(rolling, "maxUnavailable", path, errors);
    }
}
