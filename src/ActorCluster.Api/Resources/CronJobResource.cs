using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>cronjobs, batch/v1.</summary>
internal static class CronJobResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1CronJob>() with
    {
        ShortNames = ["cj"],
        Categories = ["all"],
        Strategy = new CronJobStrategy(),
        Subresources = [SubresourceDefinition.Status("CronJob")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Schedule", "string", "The schedule in Cron format."),
            new("Timezone", "string", "The time zone name for the given schedule."),
            new("Suspend", "boolean", "Whether subsequent executions are suspended."),
            new("Active", "integer", "Number of jobs that run now."),
            new("Last Schedule", "string", "When a job was scheduled for the last time."),
            TablePrinter.AgeColumn,
            .. PodTemplates.ContainerColumns,
            PodTemplates.SelectorColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.TextAt("spec", "schedule"),
            obj.TextAt("spec", "timeZone") ?? "<none>",
            obj.Ensure("spec").GetBoolean("suspend") switch { true => "True", false => "False", null => "<unset>" },
            obj.GetObject("status")?.GetArray("active")?.Count ?? 0,
            obj.TextAt("status", "lastScheduleTime") is { } last ? HumanDuration.Since(last, now) : "<none>",
            TablePrinter.Age(obj, now),
            .. PodTemplates.ContainersOf(obj.At("spec", "jobTemplate", "spec", "template")),
            // A template has none: each job gets one of its own.
            "<none>",
        ]),
    };
}
