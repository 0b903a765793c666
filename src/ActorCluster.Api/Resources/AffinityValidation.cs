using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of a pod's affinity (pkg/apis/core/validation: validateAffinity and around).</summary>
internal static class AffinityValidation
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    private const string Weights = "must be in the range 1-100";
    private const string UnknownOperator = "not a valid selector operator";

    public static void Validate(JsonObject affinity, string path, FieldErrors errors)
    {
        if (affinity.GetObject("nodeAffinity") is { } nodes) Nodes(nodes, $"{path}.nodeAffinity", errors);
        if (affinity.GetObject("podAffinity") is { } pods) Pods(pods, $"{path}.podAffinity", errors);
        if (affinity.GetObject("podAntiAffinity") is { } others) Pods(others, $"{path}.podAntiAffinity", errors);
    }

    private static void Nodes(JsonObject affinity, string path, FieldErrors errors)
    {
        if (affinity.GetObject(Required) is { } required)
        {
            var at = $"{path}.{Required}.nodeSelectorTerms";
            var index = 0;
            foreach (var term in required.GetObjects("nodeSelectorTerms")) Term(term, $"{at}[{index++}]", isRequired: true, errors);
            if (index == 0) errors.Required(at, "must have at least one node selector term");
        }
        foreach (var (term, at) in Items(affinity, Preferred, path))
        {
            Weight(term, at, errors);
            // A label that no node can have does no harm where it is only preferred.
            Term(term.Ensure("preference"), $"{at}.preference", isRequired: false, errors);
        }
    }

    private static void Term(JsonObject term, string path, bool isRequired, FieldErrors errors)
    {
        foreach (var (requirement, at) in Items(term, "matchExpressions", path)) Expression(requirement, at, isRequired, errors);
        foreach (var (requirement, at) in Items(term, "matchFields", path)) Field(requirement, at, errors);
    }

    private static void Expression(JsonObject requirement, string path, bool isRequired, FieldErrors errors)
    {
        var values = requirement.GetStrings("values").ToList();
        switch (requirement.GetString("operator"))
        {
            case "In" or "NotIn":
                if (values.Count == 0) errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist":
                if (values.Count > 0) errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt":
                if (values.Count != 1) errors.Required($"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case var other:
                errors.Invalid($"{path}.operator", other ?? "", UnknownOperator);
                break;
        }
        LabelName(requirement.GetString("key") ?? "", $"{path}.key", errors);
        for (var i = 0; isRequired && i < values.Count; i++)
        {
            foreach (var fault in Names.LabelValue(values[i])) errors.Invalid($"{path}.values[{i}]", values[i], fault);
        }
    }

    private static void Field(JsonObject requirement, string path, FieldErrors errors)
    {
        var values = requirement.GetStrings("values").ToList();
        var op = requirement.GetString("operator") ?? "";
        if (op is not ("In" or "NotIn")) errors.Invalid($"{path}.operator", op, UnknownOperator);
        else if (values.Count != 1) errors.Required($"{path}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        var key = requirement.GetString("key") ?? "";
        if (key != "metadata.name")
        {
            errors.Invalid($"{path}.key", key, "not a valid field selector key");
            return;
        }
        for (var i = 0; i < values.Count; i++)
        {
            foreach (var fault in Names.Dns1123Subdomain(values[i])) errors.Invalid($"{path}.values[{i}]", values[i], fault);
        }
    }

    private static void Pods(JsonObject affinity, string path, FieldErrors errors)
    {
        foreach (var (term, at) in Items(affinity, Required, path)) PodTerm(term, at, errors);
        foreach (var (term, at) in Items(affinity, Preferred, path))
        {
            Weight(term, at, errors);
            PodTerm(term.Ensure("podAffinityTerm"), $"{at}.podAffinityTerm", errors);
        }
    }

    private static void PodTerm(JsonObject term, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["labelSelector", "namespaceSelector"])
        {
            if (term.GetObject(field) is { } selector) FieldRules.LabelSelector(selector, $"{path}.{field}", errors);
        }
        foreach (var ns in term.GetStrings("namespaces")) FieldRules.DnsLabel(ns, $"{path}.namespace", errors);
        MatchLabelKeys.Validate(term, path, errors);
        var key = term.GetString("topologyKey") ?? "";
        if (key.Length == 0) errors.Required($"{path}.topologyKey", "can not be empty");
        LabelName(key, $"{path}.topologyKey", errors);
    }

    private static void Weight(JsonObject term, string path, FieldErrors errors)
    {
        if (term.GetInteger("weight") is not (>= 1 and <= 100)) errors.Invalid($"{path}.weight", term.GetInteger("weight") ?? 0, Weights);
    }

    private static void LabelName(string name, string path, FieldErrors errors)
    {
        foreach (var fault in Names.QualifiedName(name)) errors.Invalid(path, name, fault);
    }

    private static IEnumerable<(JsonObject Item, string Path)> Items(JsonObject parent, string field, string path) =>
        parent.GetObjects(field).Select((item, index) => (item, $"{path}.{field}[{index}]"));
}
