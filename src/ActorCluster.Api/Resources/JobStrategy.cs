using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/batch/job, pkg/apis/batch/v1/defaults.go and pkg/apis/batch/validation.</summary>
internal sealed class JobStrategy : ResourceStrategy
{
    private const string Prefix = "batch.kubernetes.io/";
    private const string JobName = "job-name";
    private const string ControllerUid = "controller-uid";

    private static readonly string[] Immutable = ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"];

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;
    public override bool OrphansByDefault => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        JobSpecRules.ApplyDefaults(spec);
        if (!spec.Has("completions") && !spec.Has("parallelism")) spec["completions"] = 1;
        if (!spec.Has("parallelism")) spec["parallelism"] = 1;
        if (!spec.Has("backoffLimit")) spec["backoffLimit"] = spec.Has("backoffLimitPerIndex") ? int.MaxValue : 6;
        if (spec.At("template", "metadata", "labels") is JsonObject { Count: > 0 } labels) PodTemplates.DefaultLabels(obj, labels);
        spec.Default("completionMode", "NonIndexed");
        if (!spec.Has("suspend")) spec["suspend"] = false;
        spec.Default("podReplacementPolicy", spec.Has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        if (!spec.Has("manualSelector")) spec["manualSelector"] = false;
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject();
        var spec = obj.Ensure("spec");
        if (spec.GetBoolean("manualSelector") == true) return;
        var metadata = ObjectMetadata.Of(obj);
        var labels = spec.Ensure("template").Ensure("metadata").Ensure("labels");
        foreach (var prefix in (ReadOnlySpan<string>)["", Prefix])
        {
            if (!labels.ContainsKey(prefix + JobName)) labels[prefix + JobName] = metadata.Name;
            if (!labels.ContainsKey(prefix + ControllerUid)) labels[prefix + ControllerUid] = metadata.Uid;
        }
        var selected = spec.Ensure("selector").Ensure("matchLabels");
        if (!selected.ContainsKey(Prefix + ControllerUid)) selected[Prefix + ControllerUid] = metadata.Uid;
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        GeneratedSelector(obj, spec, errors);
        JobSpecRules.Validate(spec, "spec", errors);
        Selector(spec, errors);
        if (!JobSpecRules.IsIndexed(spec) || spec.GetInteger("completions") is not (> 0 and var completions)) return;
        // The controller names a pod's host after the job and its index.
        var name = ObjectMetadata.Of(obj).Name;
        var hostname = string.Create(CultureInfo.InvariantCulture, $"{name}-{completions - 1}");
        if (Names.Dns1123Label(hostname).Any()) errors.Invalid("metadata.name", name, $"will not able to create pod with invalid DNS label: {hostname}");
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (obj.Ensure("spec"), old.Ensure("spec"));
        Completions(spec, before, errors);
        MetadataValidation.Immutable(spec["selector"], before["selector"], "spec.selector", errors);
        JobTemplateChanges.Validate(obj, old, errors);
        foreach (var name in Immutable) MetadataValidation.Immutable(spec[name], before[name], $"spec.{name}", errors);
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => JobStatusRules.Validate(obj, old, errors);

    public override IEnumerable<string> Warnings(JsonObject obj) => JobSpecRules.Warnings(obj.Ensure("spec"), "spec");

    private static void GeneratedSelector(JsonObject obj, JsonObject spec, FieldErrors errors)
    {
        if (spec.GetBoolean("manualSelector") == true || spec.GetObject("selector") is not { } selector) return;
        var metadata = ObjectMetadata.Of(obj);
        var labels = (spec.At("template", "metadata") as JsonObject).GetStringMap("labels") ?? [];
        SortedDictionary<string, string> expected = new(StringComparer.Ordinal);
        foreach (var prefix in (ReadOnlySpan<string>)["", Prefix])
        {
            expected[prefix + ControllerUid] = metadata.Uid;
            expected[prefix + JobName] = metadata.Name;
        }
        foreach (var (key, value) in expected)
        {
            var path = $"spec.template.metadata.labels[{key}]";
            if (!labels.TryGetValue(key, out var actual)) errors.Required(path, $"must be '{value}'");
            else if (actual != value) errors.Invalid(path, spec.At("template", "metadata", "labels"), $"must be '{value}'");
        }
        if (PodTemplates.Parse(selector)?.Matches(expected) == false) errors.Invalid("spec.selector", selector, "`selector` not auto-generated");
    }

    private static void Selector(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetObject("selector") is not { } selector) errors.Required("spec.selector");
        else FieldRules.LabelSelector(selector, "spec.selector", errors);
        var template = spec.At("template", "metadata") as JsonObject;
        if (PodTemplates.Parse(spec.GetObject("selector")) is { } parsed && !parsed.Matches(template.GetStringMap("labels")))
            errors.Invalid("spec.template.metadata.labels", template?["labels"], "`selector` does not match template `labels`");
    }

    /// <summary>An Indexed job may grow and shrink, all of its indexes running at a time.</summary>
    private static void Completions(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (!JobSpecRules.IsIndexed(spec)) MetadataValidation.Immutable(spec["completions"], before["completions"], "spec.completions", errors);
        else if (spec.GetInteger("completions") is { } completions && completions != before.GetInteger("completions") && completions != spec.GetInteger("parallelism"))
            errors.Invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism");
    }
}
