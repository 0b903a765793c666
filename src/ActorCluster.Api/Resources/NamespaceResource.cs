using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>namespaces, v1.</summary>
internal static class NamespaceResource
{
    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1Namespace>() with
    {
        ShortNames = ["ns"],
        Strategy = new NamespaceStrategy(),
        Subresources = [new SubresourceDefinition("finalize", "Namespace", Verbs: ["update"]), SubresourceDefinition.Status("Namespace")],
        SelectableFields = [SelectableField.At("status.phase")],
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new PrinterColumn("Status", "string", "The status of the namespace"), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), obj.TextAt("status", "phase"), TablePrinter.Age(obj, now)]),
    };
}

/// <summary>A namespace goes only when its content is gone: spec.finalizers holds it until the namespace controller says so.</summary>
/// <remarks>pkg/registry/core/namespace.</remarks>
internal sealed class NamespaceStrategy : ResourceStrategy
{
    private const string Finalizer = "kubernetes";

    public override bool HasStatus => true;

    public override IEnumerable<string> NameFaults(string name) => Names.Dns1123Label(name);

    public override void ApplyDefaults(JsonObject obj) => ObjectMetadata.Of(obj).Json.Ensure("labels")["kubernetes.io/metadata.name"] = ObjectMetadata.Of(obj).Name;

    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        var finalizers = obj.GetObject("spec").GetStrings("finalizers").ToList();
        if (!finalizers.Contains(Finalizer)) finalizers.Add(Finalizer);
        obj.Ensure("spec")["finalizers"] = JsonDocuments.ArrayOf([.. finalizers]);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        obj.Put("spec", old["spec"]?.DeepClone());
        base.PrepareForUpdate(obj, old);
    }

    public override bool IsHeld(JsonObject obj) => base.IsHeld(obj) || obj.GetObject("spec").GetStrings("finalizers").Any();

    public override void OnDeletionStarted(JsonObject obj) => obj.Ensure("status")["phase"] = "Terminating";
}
