using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.ApiRegistration;

/// <summary>kube-aggregator/pkg/{registry/apiservice,apis/apiregistration/validation}.</summary>
internal sealed class ApiServiceStrategy : ResourceStrategy
{
    private const int HighestGroupPriority = 20_000;
    private const int HighestVersionPriority = 1_000;
    private const int DefaultPort = 443;

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override IEnumerable<string> NameFaults(string name) => Names.PathSegment(name);

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.At("spec", "service") is JsonObject service && service.GetInteger("port") is null) service["port"] = DefaultPort;
    }

    /// <summary>What this server itself serves is available from the start.</summary>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        if (obj.At("spec", "service") is not null) return;
        obj["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = ApiServiceResource.Available,
                ["status"] = "True",
                ["lastTransitionTime"] = ObjectMetadata.Of(obj).CreationTimestamp,
                ["reason"] = "Local",
                ["message"] = "Local APIServices are always available",
            }),
        };
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var (group, version) = (spec.GetString("group") ?? "", spec.GetString("version") ?? "");
        var wanted = $"{version}.{group}";
        if (ObjectMetadata.Of(obj).Name != wanted) errors.Invalid("metadata.name", ObjectMetadata.Of(obj).Name, $"must be `spec.version+\".\"+spec.group`: {FieldError.GoQuote(wanted)}");
        if (group.Length == 0 && version != "v1") errors.Required("spec.group", "only v1 may have an empty group and it better be legacy kube");
        if (group.Length > 0) foreach (var fault in Names.Dns1123Subdomain(group)) errors.Invalid("spec.group", group, fault);
        foreach (var fault in Names.Dns1035Label(version)) errors.Invalid("spec.version", version, fault);
        Priority(spec, "groupPriorityMinimum", HighestGroupPriority, errors);
        Priority(spec, "versionPriority", HighestVersionPriority, errors);
        var (bundle, isUnchecked) = (spec.GetString("caBundle") ?? "", spec.GetBoolean("insecureSkipTLSVerify") == true);
        if (spec.GetObject("service") is { } service)
        {
            Service(service, errors);
            if (isUnchecked && bundle.Length > 0) errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
            return;
        }
        if (bundle.Length > 0) errors.Invalid("spec.caBundle", $"{Convert.FromBase64String(bundle).Length} bytes", "local APIServices may not have a caBundle");
        if (isUnchecked) errors.Invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify");
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var condition in obj.GetObject("status").GetObjects("conditions"))
        {
            var path = $"status.conditions[{index++}].status";
            if (condition.GetString("status") is not ("True" or "False" or "Unknown")) errors.NotSupported(path, condition["status"], ["False", "True", "Unknown"]);
        }
    }

    private static void Priority(JsonObject spec, string field, int highest, FieldErrors errors)
    {
        var priority = spec.GetInteger(field) ?? 0;
        if (priority <= 0 || priority > highest) errors.Invalid($"spec.{field}", priority, $"must be positive and less than {highest}");
    }

    private static void Service(JsonObject service, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(service.GetString("namespace"))) errors.Required("spec.service.namespace");
        if (string.IsNullOrEmpty(service.GetString("name"))) errors.Required("spec.service.name");
        var port = service.GetInteger("port") ?? 0;
        if (port is < 1 or > 65_535) errors.Invalid("spec.service.port", port, "port is not valid: " + Names.Between(1, 65_535));
    }
}
