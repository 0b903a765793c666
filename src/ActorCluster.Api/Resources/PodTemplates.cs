using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Selectors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What all resources with a pod template have in common.</summary>
internal static class PodTemplates
{
    /// <summary>Columns that are shown with -o wide.</summary>
    public static readonly ImmutableArray<PrinterColumn> ContainerColumns =
    [
        new("Containers", "string", "Names of each container in the template.", 1),
        new("Images", "string", "Images referenced by each container in the template.", 1),
    ];

    public static readonly PrinterColumn SelectorColumn = new("Selector", "string", "Label selector for pods.", 1);

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
        ValidateTemplate(template, "spec.template", errors);
        ValidateEndless(template, rules.Deadline, errors);
    }

    /// <summary>A template of any workload (core/validation: ValidatePodTemplateSpec).</summary>
    public static void ValidateTemplate(JsonObject? template, string path, FieldErrors errors)
    {
        var metadata = template.At("metadata") as JsonObject;
        MetadataValidation.Labels(metadata.GetStringMap("labels"), $"{path}.labels", errors);
        MetadataValidation.Annotations(metadata.GetStringMap("annotations"), $"{path}.annotations", errors);
        PodSpecValidation.Validate(template.At("spec") as JsonObject ?? [], $"{path}.spec", errors);
    }

    /// <summary>Pods that live for ever always restart, and have no deadline.</summary>
    public static void ValidateEndless(JsonObject? template, string kind, FieldErrors errors)
    {
        if (template.TextAt("spec", "restartPolicy") is { } policy && policy != "Always") errors.NotSupported("spec.template.spec.restartPolicy", policy, "Always");
        if (template.At("spec", "activeDeadlineSeconds") is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    /// <summary>A workload without labels of its own has those of its pods.</summary>
    public static void DefaultLabels(JsonObject obj, JsonObject labels)
    {
        var metadata = obj.Ensure("metadata");
        if ((metadata.GetObject("labels")?.Count ?? 0) == 0) metadata["labels"] = labels.DeepClone();
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

    /// <summary>The cells of <see cref="ContainerColumns"/>.</summary>
    public static IEnumerable<JsonNode?> Containers(JsonObject obj) => ContainersOf(obj.At("spec", "template"));

    public static IEnumerable<JsonNode?> ContainersOf(JsonNode? template)
    {
        var spec = (template as JsonObject).At("spec") as JsonObject;
        return [Join(spec, "name"), Join(spec, "image")];
    }

    /// <summary>The cell of <see cref="SelectorColumn"/>.</summary>
    public static string Selector(JsonObject obj) => Text(obj.At("spec", "selector") as JsonObject);

    /// <summary>A selector as it is printed.</summary>
    public static string Text(JsonObject? selector) => Parse(selector)?.ToString() ?? "<invalid>";

    private static string Join(JsonObject? spec, string field) => string.Join(',', spec.GetObjects("containers").Select(c => c.GetString(field)));

    /// <returns>Null if it is no selector.</returns>
    public static LabelSelector? Parse(JsonObject? selector)
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
