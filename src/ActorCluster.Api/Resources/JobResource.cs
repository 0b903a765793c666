using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>jobs, batch/v1.</summary>
internal static class JobResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Job>() with
    {
        Categories = ["all"],
        Strategy = new JobStrategy(),
        Subresources = [SubresourceDefinition.Status("Job")],
        SelectableFields = [new SelectableField("status.successful", obj => (obj.IntegerAt("status", "succeeded") ?? 0).ToString(CultureInfo.InvariantCulture))],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Status", "string", "Status of the job."),
            new("Completions", "string", "The number of pods which reached phase Succeeded."),
            new("Duration", "string", "Time required to complete the job."),
            TablePrinter.AgeColumn,
            .. PodTemplates.ContainerColumns,
            PodTemplates.SelectorColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            Status(obj),
            Completions(obj),
            Duration(obj, now),
            TablePrinter.Age(obj, now),
            .. PodTemplates.Containers(obj),
            PodTemplates.Selector(obj),
        ]),
    };

    private static string Status(JsonObject job)
    {
        if (JobConditions.IsTrue(job, "Complete")) return "Complete";
        if (JobConditions.IsTrue(job, "Failed")) return "Failed";
        if (ObjectMetadata.Of(job).IsDeleting) return "Terminating";
        foreach (var type in (ReadOnlySpan<string>)["Suspended", "FailureTarget", "SuccessCriteriaMet"])
        {
            if (JobConditions.IsTrue(job, type)) return type;
        }
        return "Running";
    }

    private static string Completions(JsonObject job)
    {
        var succeeded = job.IntegerAt("status", "succeeded") ?? 0;
        if (job.IntegerAt("spec", "completions") is { } completions) return $"{succeeded}/{completions}";
        return job.IntegerAt("spec", "parallelism") is > 1 and var parallelism ? $"{succeeded}/1 of {parallelism}" : $"{succeeded}/1";
    }

    private static string Duration(JsonObject job, DateTimeOffset now) =>
        ObjectMetadata.ParseTime(job.TextAt("status", "startTime")) is { } start
            ? HumanDuration.Format((ObjectMetadata.ParseTime(job.TextAt("status", "completionTime")) ?? now) - start)
            : "";
}
