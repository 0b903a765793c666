using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Chaos;

/// <summary>Defaults and rules of NetworkChaos (api/v1alpha1/networkchaos_webhook.go of Chaos Mesh and the schema of its custom resource definition).</summary>
internal sealed class NetworkChaosStrategy : ResourceStrategy
{
    private static readonly string[] Actions = ["netem", "delay", "loss", "duplicate", "corrupt", "partition", "bandwidth"];
    private static readonly string[] Directions = ["to", "from", "both"];

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.GetObject("spec") is { } spec) ApplyDefaults(spec, ObjectMetadata.Of(obj).Namespace);
    }

    public static void ApplyDefaults(JsonObject spec, string ns)
    {
        if (string.IsNullOrEmpty(spec.GetString("direction"))) spec["direction"] = "to";
        if (spec.GetString("device") is { } device && device.Contains('@', StringComparison.Ordinal)) spec["device"] = device[..device.IndexOf('@', StringComparison.Ordinal)];
        ChaosRules.DefaultSelector(spec, ns);
        if (spec.GetObject("target") is { } target) ChaosRules.DefaultSelector(target, ns);
        foreach (var name in (ReadOnlySpan<string>)["delay", "loss", "duplicate", "corrupt"])
        {
            if (spec.GetObject(name) is { } part) Default(part, "correlation", "0");
        }
        if (spec.GetObject("delay") is not { } delay) return;
        Default(delay, "jitter", "0ms");
        if (delay.GetObject("reorder") is { } reorder) Default(reorder, "correlation", "0");
    }

    public override void Validate(JsonObject obj, FieldErrors errors) => Validate(obj.Ensure("spec"), "spec", errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => ChaosRules.Unchanged(obj, old, errors);

    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        ChaosRules.Selector(spec, path, errors);
        ChaosRules.Enumeration(spec, "action", path, Actions, errors);
        ChaosRules.Enumeration(spec, "direction", path, Directions, errors);
        ChaosRules.Duration(spec, "duration", path, errors);
        Traffic(spec, path, errors);
        if (spec.GetObject("target") is { } target) ChaosRules.Selector(target, $"{path}.target", errors);
        var direction = spec.GetString("direction");
        if (spec.GetString("action") == "partition" || direction is not ("from" or "both")) return;
        if (spec.Has("externalTargets"))
            errors.Invalid($"{path}.direction", direction, "external targets cannot be used with `from` and `both` direction in netem action yet");
        if (!spec.Has("target"))
            errors.Invalid($"{path}.direction", direction, "`from` and `both` direction cannot be used when targets is empty in netem action");
    }

    private static void Traffic(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["loss", "duplicate", "corrupt"])
        {
            if (spec.GetObject(name) is { } part) Chance(part, name, $"{path}.{name}", errors);
        }
        if (spec.GetObject("delay") is { } delay)
        {
            if (!delay.Has("latency")) errors.Required($"{path}.delay.latency");
            ChaosRules.SimpleDuration(delay, "latency", $"{path}.delay", errors);
            ChaosRules.SimpleDuration(delay, "jitter", $"{path}.delay", errors);
            ChaosRules.Percentage(delay, "correlation", $"{path}.delay", isRequired: false, errors);
            if (delay.GetObject("reorder") is { } reorder)
            {
                Chance(reorder, "reorder", $"{path}.delay.reorder", errors);
                if (!reorder.Has("gap")) errors.Required($"{path}.delay.reorder.gap");
            }
        }
        if (spec.GetObject("rate") is { } rate) ChaosRules.Rate(rate, $"{path}.rate", errors);
        if (spec.GetObject("bandwidth") is not { } bandwidth) return;
        ChaosRules.Rate(bandwidth, $"{path}.bandwidth", errors);
        foreach (var (name, least) in (ReadOnlySpan<(string, int)>)[("limit", 1), ("buffer", 1), ("peakrate", 0), ("minburst", 0)])
        {
            ChaosRules.AtLeast(bandwidth, name, $"{path}.bandwidth", least, errors);
            if (least > 0 && !bandwidth.Has(name)) errors.Required($"{path}.bandwidth.{name}");
        }
    }

    private static void Chance(JsonObject part, string name, string path, FieldErrors errors)
    {
        ChaosRules.Percentage(part, name, path, isRequired: true, errors);
        ChaosRules.Percentage(part, "correlation", path, isRequired: false, errors);
    }

    private static void Default(JsonObject part, string name, string value)
    {
        if (string.IsNullOrEmpty(part.GetString(name))) part[name] = value;
    }
}
