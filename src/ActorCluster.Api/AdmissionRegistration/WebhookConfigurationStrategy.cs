using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.AdmissionRegistration;

/// <summary>pkg/registry/admissionregistration/{validating,mutating}webhookconfiguration, pkg/apis/admissionregistration/{v1,validation}.</summary>
internal sealed class WebhookConfigurationStrategy(bool isMutating) : ResourceStrategy
{
    private const string Form = "; desired format: https://host[/path]";
    private static readonly string[] ReviewVersions = ["v1", "v1beta1"];
    private static readonly string[] SideEffects = ["None", "NoneOnDryRun"];
    private static readonly string[] Reinvocation = ["IfNeeded", "Never"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var hook in obj.GetObjects("webhooks"))
        {
            hook.Default("failurePolicy", "Fail");
            MatchRules.ApplyDefaults(hook, "rules");
            hook.Default("timeoutSeconds", 10);
            if (isMutating) hook.Default("reinvocationPolicy", "Never");
            if (hook.At("clientConfig", "service") is JsonObject service) service.Default("port", 443);
        }
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var hook in obj.GetObjects("webhooks"))
        {
            var path = $"webhooks[{index++}]";
            Webhook(hook, path, errors);
            if (hook.GetString("name") is { Length: > 0 } name && !seen.Add(name)) errors.Duplicate($"{path}.name", name);
        }
    }

    private void Webhook(JsonObject hook, string path, FieldErrors errors)
    {
        FullName(hook.GetString("name") ?? "", $"{path}.name", errors);
        var index = 0;
        foreach (var rule in hook.GetObjects("rules")) MatchRules.Rule(rule, $"{path}.rules[{index++}]", errors);
        MatchRules.FailurePolicy(hook, path, errors);
        MatchRules.MatchPolicy(hook, path, errors);
        if (hook.GetString("sideEffects") is not { } effects) errors.Required($"{path}.sideEffects", $"must specify one of {string.Join(", ", SideEffects)}");
        else if (!SideEffects.Contains(effects)) errors.NotSupported($"{path}.sideEffects", effects, SideEffects);
        if (hook.GetInteger("timeoutSeconds") is { } seconds and (< 1 or > 30)) errors.Invalid($"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds");
        MatchRules.Selectors(hook, path, errors);
        if (isMutating) FieldRules.OneOf(hook, "reinvocationPolicy", path, Reinvocation, errors);
        Client(hook.GetObject("clientConfig") ?? [], $"{path}.clientConfig", errors);
        MatchRules.Conditions(hook, path, errors);
        Versions([.. hook.GetStrings("admissionReviewVersions")], hook, $"{path}.admissionReviewVersions", errors);
    }

    /// <summary>IsFullyQualifiedName of apimachinery/pkg/util/validation.</summary>
    private static void FullName(string name, string path, FieldErrors errors)
    {
        var faults = Names.Dns1123Subdomain(name).ToList();
        if (name.Length == 0) errors.Required(path);
        else if (faults.Count > 0) errors.Invalid(path, name, string.Join(",", faults));
        else if (name.Split('.').Length < 3) errors.Invalid(path, name, "should be a domain with at least three segments separated by dots");
    }

    private static void Client(JsonObject client, string path, FieldErrors errors)
    {
        if (client.Has("url") == client.Has("service")) errors.Required(path, "exactly one of url or service is required");
        else if (client.GetString("url") is { } url) Url(url, $"{path}.url", errors);
        else if (client.GetObject("service") is { } service) Service(service, $"{path}.service", errors);
    }

    /// <summary>apiserver/pkg/util/webhook/validation.go.</summary>
    private static void Url(string text, string path, FieldErrors errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Required(path, $"url must be a valid URL{Form}");
            return;
        }
        if (url.Scheme != Uri.UriSchemeHttps) errors.Invalid(path, url.Scheme, "'https' is the only allowed URL scheme" + Form);
        if (url.Host.Length == 0) errors.Invalid(path, "", "host must be specified" + Form);
        if (url.UserInfo.Length > 0) errors.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        if (url.Fragment.Length > 0) errors.Invalid(path, url.Fragment[1..], "fragments are not permitted in the URL");
        if (url.Query.Length > 0) errors.Invalid(path, url.Query[1..], "query parameters are not permitted in the URL");
    }

    private static void Service(JsonObject service, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (service.GetString(name) is not { Length: > 0 }) errors.Required($"{path}.{name}");
        }
        if (service.GetInteger("port") is { } port and (< 1 or > 65535)) errors.Invalid($"{path}.port", port, $"port is not valid: {Names.Between(1, 65535)}");
        if (service.GetString("path") is not { Length: > 0 } url || url == "/") return;
        if (url[0] != '/') errors.Invalid($"{path}.path", url, "must start with a '/'");
        var steps = url[1..].Split('/');
        if (steps.Length > 1 && steps[^1].Length == 0) steps = steps[..^1];
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Length == 0) errors.Invalid($"{path}.path", url, $"segment[{i}] may not be empty");
            else foreach (var fault in Names.Dns1123Subdomain(steps[i])) errors.Invalid($"{path}.path", url, $"segment[{i}]: {fault}");
        }
    }

    private static void Versions(string[] versions, JsonObject hook, string path, FieldErrors errors)
    {
        if (versions.Length == 0)
        {
            errors.Required(path, $"must specify one of {string.Join(", ", ReviewVersions)}");
            return;
        }
        var seen = new HashSet<string>();
        for (var i = 0; i < versions.Length; i++)
        {
            if (!seen.Add(versions[i])) errors.Invalid($"{path}[{i}]", versions[i], "duplicate version");
            else foreach (var fault in Names.Dns1035Label(versions[i])) errors.Invalid($"{path}[{i}]", versions[i], fault);
        }
        if (!seen.Overlaps(ReviewVersions)) errors.Invalid(path, hook["admissionReviewVersions"], $"must include at least one of {string.Join(", ", ReviewVersions)}");
    }
}
