using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.FlowControl;

/// <summary>Flow schemas and priority levels, flowcontrol.apiserver.k8s.io/v1. They are kept and checked; no request waits because of them.</summary>
internal static class FlowControlResources
{
    private const string None = "<none>";

    public static readonly ResourceDefinition FlowSchema = ModelResource.ClusterWide<V1FlowSchema>() with
    {
        Strategy = new FlowSchemaStrategy(),
        Subresources = [SubresourceDefinition.Status("FlowSchema")],
        Printer = TablePrinter.Of(
            TableCell.Text("PriorityLevel", "The priority level that the requests get.", "spec", "priorityLevelConfiguration", "name"),
            new TableCell("MatchingPrecedence", "string", "Of several schemas that match, the one with the lowest number counts.", obj => obj.IntegerAt("spec", "matchingPrecedence") ?? 0),
            new TableCell("DistinguisherMethod", "string", "How the requests are told apart into flows.", obj => obj.TextAt("spec", "distinguisherMethod", "type") ?? None),
            TableCell.Age,
            new TableCell("MissingPL", "string", "Whether there is no such priority level.", IsDangling)),
    };

    public static readonly ResourceDefinition PriorityLevelConfiguration = ModelResource.ClusterWide<V1PriorityLevelConfiguration>() with
    {
        Strategy = new PriorityLevelStrategy(),
        Subresources = [SubresourceDefinition.Status("PriorityLevelConfiguration")],
        Printer = TablePrinter.Of(
            TableCell.Text("Type", "Whether the level limits its requests.", "spec", "type"),
            new TableCell("NominalConcurrencyShares", "string", "Its share of the requests that are served at a time.", obj => Number(obj, "spec", "limited", "nominalConcurrencyShares")),
            new TableCell("Queues", "string", "The number of queues.", obj => Number(obj, "spec", "limited", "limitResponse", "queuing", "queues")),
            new TableCell("HandSize", "string", "How many queues a flow is dealt.", obj => Number(obj, "spec", "limited", "limitResponse", "queuing", "handSize")),
            new TableCell("QueueLengthLimit", "string", "How many requests a queue holds.", obj => Number(obj, "spec", "limited", "limitResponse", "queuing", "queueLengthLimit")),
            TableCell.Age),
    };

    private static JsonNode Number(JsonObject obj, params string[] path) => obj.IntegerAt(path) is { } number ? number : None;

    private static JsonNode IsDangling(JsonObject schema) =>
        schema.GetObject("status").GetObjects("conditions").FirstOrDefault(condition => condition.GetString("type") == "Dangling")?.GetString("status") ?? "?";
}
