using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Selectors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What all resources with a pod template have in common.</summary>
internal static class PodTemplates
{
    public static void ApplyDefaults(JsonObject spec)
    {
        var template = spec.Ensure("template");
        template.Ensure("metadata");
        PodDefaults.ApplyToSpec(template.Ensure("spec"));
    }

    /// <summary>selector and template of a workload whose pods live for ever (apps/validation: ValidatePodTemplateSpecForReplicaSet and its like).</summary>
    public static void Validate(JsonObject spec, WorkloadTemplateRules rules, FieldErrors errors)
    {
        var template = spec.GetObject("template");
        Selector(spec.GetObject("selector"), template, rules, errors);
        MetadataValidation.Labels((template.At("metadata") as JsonObject).GetStringMap("labels"), "spec.template.labels", errors);
        MetadataValidation.Annotations((template.At("metadata") as JsonObject).GetStringMap("annotations"), "spec.template.annotations", errors);
        var pod = template.At("spec") as JsonObject ?? [];
        PodSpecValidation.Validate(pod, "spec.template.spec", errors);
        if (pod.GetString("restartPolicy") is { } policy && policy != "Always") errors.NotSupported("spec.template.spec.restartPolicy", policy, "Always");
        if (pod.Has("activeDeadlineSeconds")) errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {rules.Deadline} is not Supported");
    }

    private static void Selector(JsonObject? selector, JsonObject? template, WorkloadTemplateRules rules, FieldErrors errors)
    {
        if (selector is null && rules.SelectorRequired)
        {
            errors.Required("spec.selector");
            return;
        }
        if (selector is not null)
        {
            FieldRules.LabelSelector(selector, "spec.selector", errors);
            if ((selector.GetObject("matchLabels")?.Count ?? 0) + (selector.GetArray("matchExpressions")?.Count ?? 0) == 0)
            {
                errors.Invalid("spec.selector", selector, $"empty selector is invalid for {rules.EmptySelector}");
                return;
            }
        }
        if (selector is not null && Parse(selector) is null) errors.Invalid("spec.selector", selector, "invalid label selector");
        else if (selector is null || !Parse(selector)!.Matches(template.At("metadata") is JsonObject metadata ? metadata.GetStringMap("labels") : null))
        {
            errors.Invalid("spec.template.metadata.labels", template.At("metadata", "labels"), "`selector` does not match template `labels`");
        }
    }

    public static string ContainerNames(JsonObject obj) => Join(obj, "name");

    public static string Images(JsonObject obj) => Join(obj, "image");

    public static string Selector(JsonObject obj) => Parse(obj.At("spec", "selector") as JsonObject)?.ToString() ?? "<invalid>";

    private static string Join(JsonObject obj, string field) =>
        string.Join(',', (obj.At("spec", "template", "spec") as JsonObject).GetObjects("containers").Select(c => c.GetString(field)));

    private static LabelSelector? Parse(JsonObject? selector)
    {
        try
        {
            return LabelSelector.FromDocument(selector);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
