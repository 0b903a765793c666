using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Batch;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/batch/cronjob, pkg/apis/batch/v1/defaults.go and pkg/apis/batch/validation (validateCronJobSpec).</summary>
internal sealed partial class CronJobStrategy : ResourceStrategy
{
    /// <summary>A job's name is its cron job's, a hyphen and ten digits, and 63 characters at most.</summary>
    private const int MostNameLength = 52;

    public override bool HasStatus => true;
    public override bool CountsGenerations => true;
    public override bool OrphansByDefault => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("concurrencyPolicy", "Allow");
        if (!spec.Has("suspend")) spec["suspend"] = false;
        if (!spec.Has("successfulJobsHistoryLimit")) spec["successfulJobsHistoryLimit"] = 3;
        if (!spec.Has("failedJobsHistoryLimit")) spec["failedJobsHistoryLimit"] = 1;
        JobSpecRules.ApplyDefaults(spec.Ensure("jobTemplate").Ensure("spec"));
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject();

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        Schedule(spec.GetString("schedule") ?? "", errors);
        FieldRules.NonNegative(spec, "startingDeadlineSeconds", "spec", errors);
        FieldRules.OneOf(spec, "concurrencyPolicy", "spec", ["Allow", "Forbid", "Replace"], errors);
        var template = spec.Ensure("jobTemplate").Ensure("spec");
        JobSpecRules.Validate(template, "spec.jobTemplate.spec", errors);
        if (template.GetObject("selector") is { } selector) errors.Invalid("spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated");
        if (template.GetBoolean("manualSelector") == true) errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, "nil", "false");
        FieldRules.NonNegative(spec, "successfulJobsHistoryLimit", "spec", errors);
        FieldRules.NonNegative(spec, "failedJobsHistoryLimit", "spec", errors);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        TimeZone(obj, errors);
        var name = ObjectMetadata.Of(obj).Name;
        if (name.Length > MostNameLength) errors.Invalid("metadata.name", name, Names.MaxLength(MostNameLength));
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (!obj.At("spec", "timeZone").SameAs(old.At("spec", "timeZone"))) TimeZone(obj, errors);
    }

    public override IEnumerable<string> Warnings(JsonObject obj) =>
        JobSpecRules.Warnings(obj.Ensure("spec").Ensure("jobTemplate").Ensure("spec"), "spec.jobTemplate.spec");

    private static void Schedule(string schedule, FieldErrors errors)
    {
        if (schedule.Length == 0)
        {
            errors.Required("spec.schedule");
            return;
        }

        try
        {
            CronSchedule.Parse(schedule);
        }
        catch (FormatException fault)
        {
            errors.Invalid("spec.schedule", schedule, fault.Message);
        }

        if (schedule.Contains("TZ", StringComparison.Ordinal)) errors.Invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }

    private static void TimeZone(JsonObject obj, FieldErrors errors)
    {
        const string path = "spec.timeZone";
        if (obj.TextAt("spec", "timeZone") is not { } zone) return;
        if (zone.Length == 0) errors.Invalid(path, zone, "timeZone must be nil or non-empty string");
        else if (zone.Split('/').Any(part => part is "." or ".." || part.StartsWith('-') || !ZonePart().IsMatch(part))) errors.Invalid(path, zone, $"unknown time zone {zone}");
        else
        {
            if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
                errors.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
            if (zone != "Local" && !CronSchedule.IsTimeZone(zone)) errors.Invalid(path, zone, $"unknown time zone {zone}");
        }
    }

    [GeneratedRegex(@"^[A-Za-z\.\-_0-9+]{1,14}\z")]
    private static partial Regex ZonePart();
}
