using System.Text.Json.Nodes;
using ActorCluster.Api.Batch;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Chaos;

/// <summary>Defaults and rules of Schedule (api/v1alpha1/schedule_webhook.go of Chaos Mesh and the schema of its custom resource definition).</summary>
internal sealed class ScheduleStrategy : ResourceStrategy
{
    private static readonly string[] Policies = ["Forbid", "Allow"];

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.GetObject("spec") is { } spec && string.IsNullOrEmpty(spec.GetString("concurrencyPolicy"))) spec["concurrencyPolicy"] = "Forbid";
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        if (spec.GetString("schedule") is not { } schedule) errors.Required("spec.schedule");
        else ChaosRules.Try(() => CronSchedule.Parse(schedule, hasSeconds: true), fault => errors.Invalid("spec.schedule", schedule, $"parse schedule field error:{fault}"));
        ChaosRules.Enumeration(spec, "concurrencyPolicy", "spec", Policies, errors);
        if (spec.GetInteger("startingDeadlineSeconds") is { } deadline and <= 0)
            errors.Invalid("spec.startingDeadlineSeconds", deadline, "spec.startingDeadlineSeconds in body should be greater than 0");
        ChaosRules.AtLeast(spec, "historyLimit", "spec", 1, errors);
        switch (spec.GetString("type"))
        {
            case null: errors.Required("spec.type"); break;
            case "NetworkChaos": Template(obj, "networkChaos", errors); break;
            case "PodChaos": Template(obj, "podChaos", errors); break;
            case var other: errors.Invalid("spec", other, $"unknown template type {other}: invalid value"); break;
        }
    }

    /// <summary>What is made must be right as it will be made: with its defaults.</summary>
    private static void Template(JsonObject obj, string name, FieldErrors errors)
    {
        if (obj.At("spec", name)?.DeepClone() is not JsonObject template)
        {
            errors.Required($"spec.{name}");
            return;
        }
        if (name == "podChaos")
        {
            PodChaosStrategy.Validate(template, $"spec.{name}", errors);
            return;
        }
        NetworkChaosStrategy.ApplyDefaults(template, ObjectMetadata.Of(obj).Namespace);
        NetworkChaosStrategy.Validate(template, $"spec.{name}", errors);
    }
}
