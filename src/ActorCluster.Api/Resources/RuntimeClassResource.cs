using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>runtimeclasses, node.k8s.io/v1: what pods of a class need besides their containers, and where they can run. Nodes have one way to run
/// containers, whatever the handler is called.</summary>
internal static class RuntimeClassResource
{
    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1RuntimeClass>() with
    {
        Strategy = new RuntimeClassStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new("Handler", "string", "The configuration of the runtime that pods of this class are run with."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), obj.GetString("handler") ?? "", TablePrinter.Age(obj, now)]),
    };
}

/// <summary>pkg/registry/node/runtimeclass and pkg/apis/node/validation.</summary>
internal sealed class RuntimeClassStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var handler = obj.GetString("handler") ?? "";
        if (handler.Length == 0) errors.Required("handler");
        else FieldRules.DnsLabel(handler, "handler", errors);
        ContainerValidation.Amounts(obj.At("overhead", "podFixed") as JsonObject, "overhead.limits", errors);
        if (obj.GetObject("scheduling") is not { } scheduling) return;
        MetadataValidation.Labels(scheduling.GetStringMap("nodeSelector"), "scheduling.nodeSelector", errors);
        PodSpecValidation.Tolerations(scheduling, "scheduling.tolerations", errors);
        var seen = new HashSet<(string?, string?, string?, string?)>();
        var index = 0;
        foreach (var toleration in scheduling.GetObjects("tolerations"))
        {
            var key = (toleration.GetString("key"), toleration.GetString("operator"), toleration.GetString("value"), toleration.GetString("effect"));
            if (!seen.Add(key)) errors.Duplicate($"scheduling.tolerations[{index}]", toleration);
            index++;
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj["handler"], old["handler"], "handler", errors);
}
