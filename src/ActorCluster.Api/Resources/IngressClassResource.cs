using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>ingressclasses, networking.k8s.io/v1.</summary>
public static class IngressClassResource
{
    /// <summary>"true" on the class that ingresses without one get.</summary>
    public const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

    internal static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1IngressClass>() with
    {
        Strategy = new IngressClassStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Controller", "string", "The controller that serves the class."),
            new("Parameters", "string", "An object with more settings for the controller."),
            TablePrinter.AgeColumn,
        ], Cells),
    };

    public static bool IsDefault(JsonObject ingressClass) => ObjectMetadata.Of(ingressClass).Annotations?.GetValueOrDefault(DefaultAnnotation) == "true";

    private static IEnumerable<JsonNode?> Cells(JsonObject obj, DateTimeOffset now)
    {
        var parameters = "<none>";
        if (obj.At("spec", "parameters") is JsonObject reference)
        {
            var group = reference.GetString("apiGroup") is { } name ? $".{name}" : "";
            parameters = $"{reference.GetString("kind")}{group}/{reference.GetString("name")}";
        }
        return [obj.TextAt("metadata", "name") + (IsDefault(obj) ? " (default)" : ""), obj.TextAt("spec", "controller") ?? "", parameters, TablePrinter.Age(obj, now)];
    }
}

/// <summary>pkg/registry/networking/ingressclass/strategy.go and pkg/apis/networking/validation (ValidateIngressClass...).</summary>
internal sealed class IngressClassStrategy : ResourceStrategy
{
    private const int MaxController = 250;
    private static readonly string[] Scopes = ["Cluster", "Namespace"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.At("spec", "parameters") is JsonObject parameters && !parameters.Has("scope")) parameters["scope"] = "Cluster";
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var controller = spec.GetString("controller") ?? "";
        if (controller.Length > MaxController) errors.TooLong("spec.controller", MaxController);
        FieldRules.DomainPrefixedPath(controller, "spec.controller", errors);
        if (spec.GetObject("parameters") is { } parameters) Parameters(parameters, "spec.parameters", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj.At("spec", "controller"), old.At("spec", "controller"), "spec.controller", errors);

    private static void Parameters(JsonObject parameters, string path, FieldErrors errors)
    {
        FieldRules.TypedReference(parameters, path, errors);
        var ns = parameters.GetString("namespace");
        switch (parameters.GetString("scope"))
        {
            case "Cluster":
                if (ns is not null) errors.Forbidden($"{path}.namespace", "`parameters.scope` is set to 'Cluster'");
                break;
            case "Namespace":
                if (ns is null) errors.Required($"{path}.namespace", "`parameters.scope` is set to 'Namespace'");
                else FieldRules.DnsLabel(ns, $"{path}.namespace", errors);
                break;
            case var other:
                errors.NotSupported($"{path}.scope", other ?? "", Scopes);
                break;
        }
    }
}
