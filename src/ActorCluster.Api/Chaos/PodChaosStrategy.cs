using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Chaos;

/// <summary>Defaults and rules of PodChaos (api/v1alpha1/podchaos_webhook.go of Chaos Mesh and the schema of its custom resource definition).</summary>
internal sealed class PodChaosStrategy : ResourceStrategy
{
    private static readonly string[] Actions = ["pod-kill", "pod-failure", "container-kill"];

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.GetObject("spec") is { } spec) ChaosRules.DefaultSelector(spec, ObjectMetadata.Of(obj).Namespace);
    }

    public override void Validate(JsonObject obj, FieldErrors errors) => Validate(obj.Ensure("spec"), "spec", errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => ChaosRules.Unchanged(obj, old, errors);

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        ChaosRules.Selector(spec, path, errors);
        ChaosRules.Enumeration(spec, "action", path, Actions, errors);
        ChaosRules.Duration(spec, "duration", path, errors);
        ChaosRules.AtLeast(spec, "gracePeriod", path, 0, errors);
        if (spec.GetString("action") == "container-kill" && spec.GetArray("containerNames") is not { Count: > 0 })
            errors.Invalid($"{path}.containerNames", spec["containerNames"], "the name of container is required on container-kill action: invalid value");
    }
}
