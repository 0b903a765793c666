using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Selectors;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>podtemplates, v1: a template on its own, of which nothing is made here.</summary>
internal static class PodTemplateResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1PodTemplate>() with
    {
        Strategy = new PodTemplateStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            .. PodTemplates.ContainerColumns.Select(column => column with { Priority = 0 }),
            new("Pod Labels", "string", "The labels for the pod template."),
        ],
        (obj, _) => [obj.TextAt("metadata", "name"), .. PodTemplates.ContainersOf(obj["template"]), Labels(obj)]),
    };

    private static string Labels(JsonObject obj) =>
        (obj.At("template", "metadata") as JsonObject).GetStringMap("labels") is { Count: > 0 } labels ? LabelSelector.FromMap(labels).ToString() : "<none>";
}

/// <summary>pkg/registry/core/podtemplate and ValidatePodTemplate in pkg/apis/core/validation.</summary>
internal sealed class PodTemplateStrategy : ResourceStrategy
{
    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj) => PodTemplates.ApplyDefaults(obj);

    public override void Validate(JsonObject obj, FieldErrors errors) => PodTemplates.ValidateTemplate(obj.GetObject("template"), "template", errors);
}
