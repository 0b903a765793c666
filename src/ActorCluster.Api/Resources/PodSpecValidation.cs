using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of a pod's spec, in a pod or in a template (pkg/apis/core/validation, ValidatePodSpec).</summary>
internal static class PodSpecValidation
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    private static readonly string[] PreemptionPolicies = ["PreemptLowerPriority", "Never"];
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        var volumes = Volumes(spec, $"{path}.volumes", errors);
        ContainerValidation.ValidateAll(spec, volumes, path, errors);
        PodSecurityValidation.Validate(spec, path, errors);
        FieldRules.OneOf(spec, "restartPolicy", path, RestartPolicies, errors);
        FieldRules.OneOf(spec, "dnsPolicy", path, DnsPolicies, errors);
        FieldRules.OneOf(spec, "preemptionPolicy", path, PreemptionPolicies, errors);
        MetadataValidation.Labels(spec.GetStringMap("nodeSelector"), $"{path}.nodeSelector", errors);
        PodNameValidation.DnsConfig(spec, path, errors);
        HostNetwork(spec, path, errors);
        Name(spec, "serviceAccountName", path, errors);
        Name(spec, "nodeName", path, errors);
        Name(spec, "priorityClassName", path, errors);
        Name(spec, "runtimeClassName", path, errors);
        if (spec.GetInteger("activeDeadlineSeconds") is { } deadline and not (>= 1 and <= int.MaxValue))
        {
            errors.Invalid($"{path}.activeDeadlineSeconds", deadline, Names.Between(1, int.MaxValue));
        }
        foreach (var name in (ReadOnlySpan<string>)["hostname", "subdomain"])
        {
            if (spec.GetString(name) is { Length: > 0 } value) FieldRules.DnsLabel(value, $"{path}.{name}", errors);
        }
        Tolerations(spec, $"{path}.tolerations", errors);
        PodNameValidation.HostnameOverride(spec, path, errors);
        PodNameValidation.HostAliases(spec, $"{path}.hostAliases", errors);
        SchedulingGates(spec, $"{path}.schedulingGates", errors);
        if (spec.GetObject("affinity") is { } affinity) AffinityValidation.Validate(affinity, $"{path}.affinity", errors);
        SpreadValidation.Validate(spec, $"{path}.topologySpreadConstraints", errors);
        var index = 0;
        foreach (var secret in spec.GetObjects("imagePullSecrets"))
        {
            if ((secret.GetString("name") ?? "").Length == 0) errors.Required($"{path}.imagePullSecrets[{index}].name");
            index++;
        }
    }

    private static HashSet<string> Volumes(JsonObject spec, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        var index = 0;
        foreach (var volume in spec.GetObjects("volumes"))
        {
            var at = $"{path}[{index++}]";
            var before = errors.Count;
            VolumeSource(volume, at, errors);
            var name = volume.GetString("name") ?? "";
            if (name.Length == 0) errors.Required($"{at}.name");
            else FieldRules.DnsLabel(name, $"{at}.name", errors);
            if (names.Contains(name)) errors.Duplicate($"{at}.name", name);
            if (errors.Count == before) names.Add(name);
        }
        return names;
    }

    private static void VolumeSource(JsonObject volume, string path, FieldErrors errors)
    {
        var sources = volume.Where(f => f.Key != "name" && f.Value is not null).Select(f => f.Key).ToList();
        foreach (var extra in sources.Skip(1)) errors.Forbidden($"{path}.{extra}", "may not specify more than 1 volume type");
        if (sources.Count == 0) errors.Required(path, "must specify a volume type");
        RequireText(volume, "hostPath", "path", path, errors);
        RequireText(volume, "image", "reference", path, errors);
        RequireText(volume, "configMap", "name", path, errors);
        RequireText(volume, "secret", "secretName", path, errors);
        RequireText(volume, "persistentVolumeClaim", "claimName", path, errors);
        foreach (var name in (ReadOnlySpan<string>)["configMap", "secret", "projected", "downwardAPI"])
        {
            if (volume.GetObject(name)?.GetInteger("defaultMode") is { } mode and not (>= 0 and <= 511))
            {
                errors.Invalid($"{path}.{name}.defaultMode", mode, "must be a number between 0 and 0777 (octal), both inclusive");
            }
        }
    }

    private static void RequireText(JsonObject volume, string source, string field, string path, FieldErrors errors)
    {
        if (volume.GetObject(source) is { } given && (given.GetString(field) ?? "").Length == 0) errors.Required($"{path}.{source}.{field}");
    }

    private static void HostNetwork(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.GetBoolean("hostNetwork") != true) return;
        var container = 0;
        foreach (var ports in spec.GetObjects("containers").Select(c => c.GetObjects("ports").ToList()))
        {
            for (var i = 0; i < ports.Count; i++)
            {
                if (ports[i].GetInteger("hostPort") != ports[i].GetInteger("containerPort"))
                {
                    errors.Invalid($"{path}.containers[{container}].ports[{i}].hostPort", ports[i].GetInteger("hostPort") ?? 0, "must match `containerPort` when `hostNetwork` is true");
                }
            }
            container++;
        }
    }

    public static void Tolerations(JsonObject spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var toleration in spec.GetObjects("tolerations"))
        {
            var at = $"{path}[{index++}]";
            var key = toleration.GetString("key") ?? "";
            var op = toleration.GetString("operator") ?? "";
            var value = toleration.GetString("value") ?? "";
            if (key.Length > 0)
            {
                foreach (var fault in Names.QualifiedName(key)) errors.Invalid($"{at}.key", key, fault);
            }
            else if (op != "Exists")
            {
                errors.Invalid($"{at}.operator", op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }
            if (toleration.Has("tolerationSeconds") && toleration.GetString("effect") != "NoExecute")
            {
                errors.Invalid($"{at}.effect", toleration.GetString("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
            if (op is "" or "Equal")
            {
                foreach (var fault in Names.LabelValue(value)) errors.Invalid($"{at}.operator", value, fault);
            }
            else if (op == "Exists")
            {
                if (value.Length > 0) errors.Invalid($"{at}.operator", value, "value must be empty when `operator` is 'Exists'");
            }
            else errors.NotSupported($"{at}.operator", op, "Equal", "Exists");
            FieldRules.OneOf(toleration, "effect", at, Effects, errors);
        }
    }

    private static void SchedulingGates(JsonObject spec, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var name in spec.GetObjects("schedulingGates").Select(g => g.GetString("name") ?? ""))
        {
            foreach (var fault in Names.QualifiedName(name)) errors.Invalid($"{path}[{index}]", name, fault);
            if (!seen.Add(name)) errors.Duplicate($"{path}[{index}]", name);
            index++;
        }
    }

    private static void Name(JsonObject spec, string field, string path, FieldErrors errors)
    {
        if (spec.GetString(field) is not { Length: > 0 } name) return;
        foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid($"{path}.{field}", name, fault);
    }
}
