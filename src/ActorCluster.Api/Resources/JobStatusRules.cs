using System.Text.Json.Nodes;
using ActorCluster.Api.Batch;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What a Job's status must be like, whoever manages the job: what has changed is checked, so that an old status in bad order can still be left
/// (ValidateJobStatusUpdate in pkg/apis/batch/validation, getStatusValidationOptions in pkg/registry/batch/job/strategy.go).</summary>
internal static class JobStatusRules
{
    private const string Conditions = "status.conditions";

    public static void Validate(JsonObject job, JsonObject old, FieldErrors errors)
    {
        var (status, before) = (job.Ensure("status"), old.Ensure("status"));
        var change = new Changes(job, old);
        foreach (var name in (ReadOnlySpan<string>)["active", "succeeded", "failed", "ready", "terminating"]) FieldRules.NonNegative(status, name, "status", errors);
        Uncounted(status, errors);
        Finish(job, change, errors);
        Times(job, old, change, errors);
        Indexes(job, change, errors);
        if (change.Of("ready", "active") && (status.GetInteger("ready") ?? 0) > (status.GetInteger("active") ?? 0))
            errors.Invalid("status.ready", status["ready"], "cannot set more ready pods than active");
        Transitions(job, old, errors);
        if ((status.GetInteger("failed") ?? 0) < (before.GetInteger("failed") ?? 0)) errors.Invalid("status.failed", status.GetInteger("failed") ?? 0, "cannot decrease the failed counter");
        var elastic = JobSpecRules.IsIndexed(job.Ensure("spec")) && job.IntegerAt("spec", "completions") == job.IntegerAt("spec", "parallelism");
        if (!elastic && (status.GetInteger("succeeded") ?? 0) < (before.GetInteger("succeeded") ?? 0))
            errors.Invalid("status.succeeded", status.GetInteger("succeeded") ?? 0, "cannot decrease the succeeded counter");
    }

    private static void Uncounted(JsonObject status, FieldErrors errors)
    {
        HashSet<string> seen = [];
        foreach (var list in (ReadOnlySpan<string>)["succeeded", "failed"])
        {
            var index = 0;
            foreach (var uid in status.GetObject("uncountedTerminatedPods").GetStrings(list))
            {
                var path = $"status.uncountedTerminatedPods.{list}[{index++}]";
                if (uid.Length == 0) errors.Invalid(path, uid, "must not be empty");
                else if (!seen.Add(uid)) errors.Duplicate(path, uid);
            }
        }
    }

    private static void Finish(JsonObject job, Changes change, FieldErrors errors)
    {
        var (complete, failed) = (JobConditions.IsTrue(job, "Complete"), JobConditions.IsTrue(job, "Failed"));
        var (criteria, target) = (JobConditions.IsTrue(job, "SuccessCriteriaMet"), JobConditions.IsTrue(job, "FailureTarget"));
        var status = job.Ensure("status");
        if (change.OfCondition("Complete", "Failed") && complete && failed) errors.InvalidState(Conditions, "cannot set Complete=True and Failed=true conditions");
        if (change.OfCondition("Complete", "FailureTarget") && complete && target) errors.InvalidState(Conditions, "cannot set Complete=True and FailureTarget=true conditions");
        if ((change.OfCondition("Failed") || change.Of("failedIndexes")) && failed && !target)
            errors.InvalidState(Conditions, "cannot set Failed=True condition without the FailureTarget=true condition");
        if (change.OfCondition("Complete", "SuccessCriteriaMet") && complete && !criteria)
            errors.InvalidState(Conditions, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        if (criteria && failed) errors.InvalidState(Conditions, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        if (criteria && target) errors.InvalidState(Conditions, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        if (job.At("spec", "successPolicy") is not null && complete && !criteria)
            errors.InvalidState(Conditions, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        if (!complete && !failed) return;
        foreach (var name in (ReadOnlySpan<string>)["active", "terminating"])
        {
            if ((change.OfFinish || change.Of(name)) && status.GetInteger(name) > 0) errors.Invalid($"status.{name}", status[name], $"{name}>0 is invalid for finished job");
        }
        if ((change.OfFinish || change.Of("startTime")) && !change.IsSuspendedEmpty && !status.Has("startTime")) errors.Required("status.startTime", "startTime is required for finished job");
        if ((change.OfFinish || change.Of("uncountedTerminatedPods")) && status.GetObject("uncountedTerminatedPods") is { } pods
            && pods.GetStrings("succeeded").Concat(pods.GetStrings("failed")).Any()) errors.Invalid("status.uncountedTerminatedPods", pods, "must be empty for finished job");
    }

    private static void Times(JsonObject job, JsonObject old, Changes change, FieldErrors errors)
    {
        var (status, before) = (job.Ensure("status"), old.Ensure("status"));
        var complete = JobConditions.IsTrue(job, "Complete");
        var (start, end) = (ObjectMetadata.ParseTime(status.GetString("startTime")), ObjectMetadata.ParseTime(status.GetString("completionTime")));
        if (change.OfCondition("Complete") || change.Of("completionTime"))
        {
            if (end is not null && !complete) errors.Invalid("status.completionTime", status["completionTime"], "cannot set completionTime when there is no Complete=True condition");
            if (end is null && complete) errors.Required("status.completionTime", "completionTime is required for Complete jobs");
        }
        if (change.Of("startTime", "completionTime") && end < start) errors.Invalid("status.completionTime", status["completionTime"], "must be equal to or after `startTime`");
        if (end is not null && before.Has("completionTime") && change.Of("completionTime")) errors.Invalid("status.completionTime", status["completionTime"], "field is immutable");
        if (before.Has("startTime") && change.Of("startTime") && !change.IsResuming && !change.IsSuspended)
            errors.Invalid("status.startTime", status["startTime"], "field is immutable for unsuspended job once set");
    }

    private static void Indexes(JsonObject job, Changes change, FieldErrors errors)
    {
        var (spec, status) = (job.Ensure("spec"), job.Ensure("status"));
        var (completed, failed) = (status.GetString("completedIndexes") ?? "", status.GetString("failedIndexes"));
        var completions = (int?)spec.GetInteger("completions");
        if (change.Of("completedIndexes"))
        {
            if (completions is not null && IndexIntervals.Fault(completed, completions.Value, out _) is { } fault)
                errors.Invalid("status.completedIndexes", completed, $"error parsing completedIndexes: {fault}");
            if (completed.Length > 0 && !JobSpecRules.IsIndexed(spec))
                errors.Invalid("status.completedIndexes", completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
        }
        if (change.Of("failedIndexes") && failed is not null)
        {
            if (!spec.Has("backoffLimitPerIndex")) errors.Invalid("status.failedIndexes", failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
            else if (completions is not null && IndexIntervals.Fault(failed, completions.Value, out _) is { } fault)
                errors.Invalid("status.failedIndexes", failed, $"error parsing failedIndexes: {fault}");
        }
        if (completions is null || !change.Of("failedIndexes", "completedIndexes")) return;
        foreach (var common in IndexIntervals.Parse(completed, completions.Value).Common(IndexIntervals.Parse(failed, completions.Value)).Take(1))
            errors.Invalid("status.failedIndexes", failed, $"failedIndexes and completedIndexes overlap at index: {common.First}");
    }

    private static void Transitions(JsonObject job, JsonObject old, FieldErrors errors)
    {
        foreach (var type in (ReadOnlySpan<string>)["Failed", "Complete", "FailureTarget"])
        {
            if (JobConditions.IsTrue(old, type) && !JobConditions.IsTrue(job, type)) errors.InvalidState(Conditions, $"cannot disable the terminal {type}=True condition");
        }
        var (met, wasMet) = (JobConditions.IsTrue(job, "SuccessCriteriaMet"), JobConditions.IsTrue(old, "SuccessCriteriaMet"));
        if (wasMet && !met) errors.InvalidState(Conditions, "cannot disable the SuccessCriteriaMet=True condition");
        if (JobConditions.IsTrue(old, "Complete") && !wasMet && met)
            errors.InvalidState(Conditions, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
    }

    /// <summary>What of the status is another than before.</summary>
    private readonly record struct Changes(JsonObject Job, JsonObject Old)
    {
        public bool OfFinish => JobConditions.IsFinished(Job) != JobConditions.IsFinished(Old);
        public bool IsSuspended => Job.Ensure("spec").GetBoolean("suspend") == true;
        public bool IsSuspendedEmpty => IsSuspended && Job.IntegerAt("spec", "completions") == 0;
        public bool IsResuming => JobConditions.IsTrue(Old, "Suspended") && JobConditions.Status(Job, "Suspended") == "False";

        public bool Of(params ReadOnlySpan<string> fields)
        {
            foreach (var field in fields)
            {
                if (!Job.At("status", field).SameAs(Old.At("status", field))) return true;
            }
            return false;
        }

        public bool OfCondition(params ReadOnlySpan<string> types)
        {
            foreach (var type in types)
            {
                if (JobConditions.IsTrue(Job, type) != JobConditions.IsTrue(Old, type)) return true;
            }
            return false;
        }
    }
}
