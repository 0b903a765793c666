using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;

namespace ActorCluster.Api.Chaos;

/// <summary>networkchaos, podchaos and schedules of chaos-mesh.org/v1alpha1, as Chaos Mesh's custom resource definitions have them: without short names and without a sub-resource for the status.</summary>
internal static class ChaosResources
{
    public static readonly ResourceDefinition NetworkChaos = ModelResource.Namespaced<NetworkChaos>() with
    {
        Strategy = new NetworkChaosStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new("Action", "string", "What happens."), new("Duration", "string", "How long.")],
            (obj, _) => [obj.TextAt("metadata", "name"), obj.TextAt("spec", "action"), obj.TextAt("spec", "duration")]),
    };

    public static readonly ResourceDefinition PodChaos = ModelResource.Namespaced<PodChaos>() with { Strategy = new PodChaosStrategy(), Printer = NameAndAge };

    public static readonly ResourceDefinition Schedule = ModelResource.Namespaced<Schedule>() with { Strategy = new ScheduleStrategy(), Printer = NameAndAge };

    private static TablePrinter NameAndAge => new([TablePrinter.NameColumn, TablePrinter.AgeColumn], Cells);

    private static IEnumerable<JsonNode?> Cells(JsonObject obj, DateTimeOffset now) => [obj.TextAt("metadata", "name"), TablePrinter.Age(obj, now)];
}
