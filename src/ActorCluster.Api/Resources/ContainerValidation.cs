using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of containers (pkg/apis/core/validation, validateContainerCommon and around).</summary>
internal static class ContainerValidation
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    private static readonly string[] NotEphemeral = ["ports", "resources", .. Probes, "lifecycle", "restartPolicy", "resizePolicy"];

    public static void ValidateAll(JsonObject spec, HashSet<string> volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        var hostPorts = new HashSet<string>();
        var containers = spec.GetObjects("containers").ToList();
        if (containers.Count == 0) errors.Required($"{path}.containers");
        for (var i = 0; i < containers.Count; i++)
        {
            var at = $"{path}.containers[{i}]";
            Common(containers[i], volumes, at, errors);
            if (!names.Add(containers[i].GetString("name") ?? "")) errors.Duplicate($"{at}.name", containers[i].GetString("name") ?? "");
            Lifecycle(containers[i], at, errors);
            HostPorts(containers[i], hostPorts, at, errors);
        }
        var index = 0;
        foreach (var container in spec.GetObjects("initContainers"))
        {
            var at = $"{path}.initContainers[{index++}]";
            Common(container, volumes, at, errors);
            if (!names.Add(container.GetString("name") ?? "")) errors.Duplicate($"{at}.name", container.GetString("name") ?? "");
            HostPorts(container, [], at, errors);
            if (container.GetString("restartPolicy") == "Always")
            {
                Lifecycle(container, at, errors);
                continue;
            }
            foreach (var field in Probes.Prepend("lifecycle").Where(container.Has))
            {
                errors.Forbidden($"{at}.{field}", "may not be set for init containers without restartPolicy=Always");
            }
        }
        Ephemeral(spec, names, volumes, $"{path}.ephemeralContainers", errors);
    }

    /// <summary>Containers that are there to look around: nothing may depend on them (validateEphemeralContainers).</summary>
    /// <param name="others">The names of the others.</param>
    private static void Ephemeral(JsonObject spec, HashSet<string> others, HashSet<string> volumes, string path, FieldErrors errors)
    {
        const string notHere = "cannot be set for an Ephemeral Container";
        var names = new HashSet<string>(others);
        var index = 0;
        foreach (var container in spec.GetObjects("ephemeralContainers"))
        {
            var at = $"{path}[{index++}]";
            Common(container, volumes, at, errors);
            if (!names.Add(container.GetString("name") ?? "")) errors.Duplicate($"{at}.name", container.GetString("name") ?? "");
            if (container.GetString("targetContainerName") is { Length: > 0 } target && !others.Contains(target)) errors.NotFound($"{at}.targetContainerName", target);
            foreach (var field in NotEphemeral.Where(field => container[field] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } or JsonValue)) errors.Forbidden($"{at}.{field}", notHere);
            var mount = 0;
            foreach (var mounted in container.GetObjects("volumeMounts"))
            {
                foreach (var field in (ReadOnlySpan<string>)["subPath", "subPathExpr"])
                {
                    if (mounted.GetString(field) is { Length: > 0 }) errors.Forbidden($"{at}.volumeMounts[{mount}].{field}", notHere);
                }
                mount++;
            }
        }
    }

    private static void Common(JsonObject container, HashSet<string> volumes, string path, FieldErrors errors)
    {
        var name = container.GetString("name") ?? "";
        if (name.Length == 0) errors.Required($"{path}.name");
        else FieldRules.DnsLabel(name, $"{path}.name", errors);
        var image = container.GetString("image") ?? "";
        if (image.Length == 0) errors.Required($"{path}.image");
        else if (image.Trim() != image) errors.Invalid($"{path}.image", image, "must not have leading or trailing whitespace");
        FieldRules.OneOf(container, "terminationMessagePolicy", path, MessagePolicies, errors);
        Ports(container, $"{path}.ports", errors);
        Environment(container, path, errors);
        VolumeMounts(container, volumes, $"{path}.volumeMounts", errors);
        FieldRules.OneOf(container, "imagePullPolicy", path, PullPolicies, errors);
        Resources(container, $"{path}.resources", errors);
    }

    private static void Ports(JsonObject container, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        var index = 0;
        foreach (var port in container.GetObjects("ports"))
        {
            var at = $"{path}[{index++}]";
            if (port.GetString("name") is { Length: > 0 } name)
            {
                var faults = Names.PortName(name).ToList();
                foreach (var fault in faults) errors.Invalid($"{at}.name", name, fault);
                if (faults.Count == 0 && !names.Add(name)) errors.Duplicate($"{at}.name", name);
            }
            var number = port.GetInteger("containerPort") ?? 0;
            if (number == 0) errors.Required($"{at}.containerPort");
            else if (number is not (>= 1 and <= 65535)) errors.Invalid($"{at}.containerPort", number, Names.Between(1, 65535));
            if (port.GetInteger("hostPort") is { } hostPort and not 0 and not (>= 1 and <= 65535)) errors.Invalid($"{at}.hostPort", hostPort, Names.Between(1, 65535));
            FieldRules.OneOf(port, "protocol", at, ServiceStrategy.Protocols, errors);
        }
    }

    private static void HostPorts(JsonObject container, HashSet<string> taken, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var port in container.GetObjects("ports"))
        {
            if (port.GetInteger("hostPort") is { } number and not 0)
            {
                var key = $"{port.GetString("protocol")}/{port.GetString("hostIP")}/{number}";
                if (!taken.Add(key)) errors.Duplicate($"{path}.ports[{index}].hostPort", key);
            }
            index++;
        }
    }

    private static void Environment(JsonObject container, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in container.GetObjects("env"))
        {
            var at = $"{path}.env[{index++}]";
            var name = variable.GetString("name") ?? "";
            if (name.Length == 0) errors.Required($"{at}.name");
            else
            {
                foreach (var fault in Names.EnvironmentVariable(name)) errors.Invalid($"{at}.name", name, fault);
            }
            if (variable.GetObject("valueFrom") is { } from) ValueFrom(variable, from, $"{at}.valueFrom", errors);
        }
        index = 0;
        foreach (var source in container.GetObjects("envFrom"))
        {
            var at = $"{path}.envFrom[{index++}]";
            var count = (source.Has("configMapRef") ? 1 : 0) + (source.Has("secretRef") ? 1 : 0);
            if (count == 0) errors.Invalid(at, "", "must specify one of: `configMapRef` or `secretRef`");
            else if (count > 1) errors.Invalid(at, "", "may not have more than one field specified at a time");
            foreach (var field in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
            {
                if (source.GetObject(field) is { } reference && (reference.GetString("name") ?? "").Length == 0) errors.Required($"{at}.{field}.name");
            }
        }
    }

    private static void ValueFrom(JsonObject variable, JsonObject from, string path, FieldErrors errors)
    {
        var given = Sources.Where(from.Has).ToList();
        if (given.Count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if ((variable.GetString("value") ?? "").Length > 0) errors.Invalid(path, "", "may not be specified when `value` is not empty");
        else if (given.Count > 1) errors.Invalid(path, "", "may not have more than one field specified at a time");
        foreach (var field in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (from.GetObject(field) is not { } reference) continue;
            if ((reference.GetString("name") ?? "").Length == 0) errors.Required($"{path}.{field}.name");
            var key = reference.GetString("key") ?? "";
            if (key.Length == 0) errors.Required($"{path}.{field}.key");
            else
            {
                foreach (var fault in Names.ConfigMapKey(key)) errors.Invalid($"{path}.{field}.key", key, fault);
            }
        }
        if (from.GetObject("fieldRef") is { } fieldRef && (fieldRef.GetString("fieldPath") ?? "").Length == 0) errors.Required($"{path}.fieldRef.fieldPath");
    }

    private static void VolumeMounts(JsonObject container, HashSet<string> volumes, string path, FieldErrors errors)
    {
        var paths = new HashSet<string>();
        var index = 0;
        foreach (var mount in container.GetObjects("volumeMounts"))
        {
            var at = $"{path}[{index++}]";
            var name = mount.GetString("name") ?? "";
            if (name.Length == 0) errors.Required($"{at}.name");
            if (!volumes.Contains(name)) errors.NotFound($"{at}.name", name);
            var target = mount.GetString("mountPath") ?? "";
            if (target.Length == 0) errors.Required($"{at}.mountPath");
            if (!paths.Add(target)) errors.Invalid($"{at}.mountPath", target, "must be unique");
            if (mount.GetString("subPath") is { Length: > 0 } sub)
            {
                if (sub.StartsWith('/')) errors.Invalid($"{path}.subPath", sub, "must be a relative path");
                if (sub.Split('/').Contains("..")) errors.Invalid($"{path}.subPath", sub, "must not contain '..'");
            }
        }
    }

    private static void Resources(JsonObject container, string path, FieldErrors errors)
    {
        var limits = container.At("resources", "limits") as JsonObject;
        var requests = container.At("resources", "requests") as JsonObject;
        Amounts(limits, $"{path}.limits", errors);
        Amounts(requests, $"{path}.requests", errors);
        foreach (var (name, amount) in requests ?? [])
        {
            if (!Quantity.TryParse(JsonDocuments.AsString(amount), out var request) || !Quantity.TryParse(limits?.GetString(name), out var limit)) continue;
            if (request > limit) errors.Invalid($"{path}.requests", request.ToString(), $"must be less than or equal to {name} limit of {limit}");
        }
    }

    public static void Amounts(JsonObject? amounts, string path, FieldErrors errors)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            foreach (var fault in Names.QualifiedName(name)) errors.Invalid($"{path}[{name}]", name, fault);
            var standard = name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal);
            if (!name.Contains('/', StringComparison.Ordinal) && !standard) errors.Invalid($"{path}[{name}]", name, "must be a standard resource for containers");
            if (Quantity.TryParse(JsonDocuments.AsString(amount), out var quantity) && quantity.Sign < 0)
            {
                errors.Invalid($"{path}[{name}]", quantity.ToString(), "must be greater than or equal to 0");
            }
        }
    }

    private static void Lifecycle(JsonObject container, string path, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (container.At("lifecycle", name) is JsonObject hook) Handler(hook, $"{path}.lifecycle.{name}", errors);
        }
        foreach (var name in Probes)
        {
            if (container.GetObject(name) is not { } probe) continue;
            var at = $"{path}.{name}";
            Handler(probe, at, errors);
            foreach (var field in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
            {
                FieldRules.NonNegative(probe, field, at, errors);
            }
            if (probe.GetInteger("terminationGracePeriodSeconds") is { } grace and <= 0) errors.Invalid($"{at}.terminationGracePeriodSeconds", grace, "must be greater than 0");
            if (name != "readinessProbe" && probe.GetInteger("successThreshold") is { } success and not 1) errors.Invalid($"{at}.successThreshold", success, "must be 1");
        }
    }

    private static void Handler(JsonObject handler, string path, FieldErrors errors)
    {
        var given = Handlers.Where(handler.Has).ToList();
        if (given.Count == 0) errors.Required(path, "must specify a handler type");
        foreach (var extra in given.Skip(1)) errors.Forbidden($"{path}.{extra}", "may not specify more than 1 handler type");
        switch (given.FirstOrDefault())
        {
            case "exec":
                if (!handler.GetObject("exec").GetStrings("command").Any()) errors.Required($"{path}.exec.command");
                break;
            case "httpGet":
                var get = handler.GetObject("httpGet")!;
                if ((get.GetString("path") ?? "").Length == 0) errors.Required($"{path}.httpGet.path");
                FieldRules.PortOrName(get["port"], $"{path}.httpGet.port", errors);
                FieldRules.OneOf(get, "scheme", $"{path}.httpGet", Schemes, errors);
                break;
            case "tcpSocket":
                FieldRules.PortOrName(handler.At("tcpSocket", "port"), $"{path}.tcpSocket.port", errors);
                break;
            case "grpc":
                FieldRules.PortOrName(handler.At("grpc", "port"), $"{path}.grpc.port", errors);
                break;
        }
    }
}
