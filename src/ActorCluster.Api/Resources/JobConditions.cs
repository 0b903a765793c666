using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Resources;

/// <summary>How far a Job is, by its conditions.</summary>
internal static class JobConditions
{
    public static bool IsTrue(JsonObject job, string type) => Status(job, type) == "True";

    public static bool IsFinished(JsonObject job) => IsTrue(job, "Complete") || IsTrue(job, "Failed");

    public static string? Status(JsonObject job, string type) =>
        job.GetObject("status").GetObjects("conditions").FirstOrDefault(condition => condition.GetString("type") == type)?.GetString("status");
}
