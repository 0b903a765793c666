using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using k8s.Models;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>Webhooks and policies of admission, admissionregistration.k8s.io/v1.</summary>
internal static class AdmissionRegistrationResources
{
    private const string Unset = "<unset>";

    public static readonly ResourceDefinition ValidatingWebhookConfiguration = ModelResource.ClusterWide<V1ValidatingWebhookConfiguration>() with
    {
        Categories = ["api-extensions"],
        Strategy = new WebhookConfigurationStrategy(isMutating: false),
        Printer = WebhookPrinter,
    };

    public static readonly ResourceDefinition MutatingWebhookConfiguration = ModelResource.ClusterWide<V1MutatingWebhookConfiguration>() with
    {
        Categories = ["api-extensions"],
        Strategy = new WebhookConfigurationStrategy(isMutating: true),
        Printer = WebhookPrinter,
    };

    public static readonly ResourceDefinition ValidatingAdmissionPolicy = ModelResource.ClusterWide<V1ValidatingAdmissionPolicy>() with
    {
        Categories = ["api-extensions"],
        Strategy = new ValidatingAdmissionPolicyStrategy(),
        Subresources = [SubresourceDefinition.Status("ValidatingAdmissionPolicy")],
        Printer = PolicyPrinter("Validations"),
    };

    public static readonly ResourceDefinition ValidatingAdmissionPolicyBinding = ModelResource.ClusterWide<V1ValidatingAdmissionPolicyBinding>() with
    {
        Categories = ["api-extensions"],
        Strategy = new ValidatingAdmissionPolicyBindingStrategy(),
        Printer = BindingPrinter,
    };

    public static readonly ResourceDefinition MutatingAdmissionPolicy = ModelResource.ClusterWide<V1MutatingAdmissionPolicy>() with
    {
        Categories = ["api-extensions"],
        Strategy = new MutatingAdmissionPolicyStrategy(),
        Printer = PolicyPrinter("Mutations"),
    };

    public static readonly ResourceDefinition MutatingAdmissionPolicyBinding = ModelResource.ClusterWide<V1MutatingAdmissionPolicyBinding>() with
    {
        Categories = ["api-extensions"],
        Strategy = new MutatingAdmissionPolicyBindingStrategy(),
        Printer = BindingPrinter,
    };

    private static TablePrinter BindingPrinter => TablePrinter.Of(
        TableCell.Text("PolicyName", "The policy that is put into force.", "spec", "policyName"),
        new TableCell("ParamRef", "string", "The object that holds the parameters.", obj => Parameters(obj.At("spec", "paramRef") as JsonObject)),
        TableCell.Age);

    private static TablePrinter WebhookPrinter => TablePrinter.Of(
        new TableCell("Webhooks", "integer", "How many webhooks the configuration has.", obj => obj.GetObjects("webhooks").Count()), TableCell.Age);

    /// <param name="rules">What the policy is a list of; the field has the same name.</param>
    private static TablePrinter PolicyPrinter(string rules) => TablePrinter.Of(
        new TableCell(rules, "integer", "How many rules the policy has.", obj => obj.GetObject("spec").GetObjects(rules.ToLowerInvariant()).Count()),
        new TableCell("ParamKind", "string", "The kind of the objects that hold the policy's parameters.",
            obj => obj.At("spec", "paramKind") is JsonObject kind ? $"{kind.GetString("apiVersion")}/{kind.GetString("kind")}" : Unset),
        TableCell.Age);

    private static string Parameters(JsonObject? reference) => reference switch
    {
        null => Unset,
        _ when reference.GetString("name") is { Length: > 0 } name => $"{(reference.GetString("namespace") is { Length: > 0 } ns ? ns : "*")}/{name}",
        _ => reference["selector"]?.ToJsonString(JsonDocuments.CompactJson) ?? Unset,
    };
}
