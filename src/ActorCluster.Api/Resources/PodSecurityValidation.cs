using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>The rules of a pod's and its containers' securityContext (pkg/apis/core/validation, ValidatePodSecurityContext and ValidateSecurityContext).</summary>
internal static partial class PodSecurityValidation
{
    private const int LongestSysctl = 253;
    private const string SysctlPattern = @"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

    private static readonly string[] Ids = ["runAsUser", "runAsGroup"];

    /// <param name="spec">A pod's.</param>
    public static void Validate(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.GetObject("securityContext") is { } context)
        {
            var at = $"{path}.securityContext";
            foreach (var field in (ReadOnlySpan<string>)[.. Ids, "fsGroup"]) Id(context, field, at, errors);
            var index = 0;
            foreach (var group in context.GetArray("supplementalGroups") ?? [])
            {
                if (group is JsonValue value && value.TryGetValue<long>(out var id)) Id(id, $"{at}.supplementalGroups[{index}]", errors);
                index++;
            }

            Sysctls(spec, context, $"{at}.sysctls", errors);
        }

        foreach (var kind in (ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"])
        {
            var index = 0;
            foreach (var container in spec.GetObjects(kind))
            {
                if (container.GetObject("securityContext") is { } own) Container(own, $"{path}.{kind}[{index}].securityContext", errors);
                index++;
            }
        }
    }

    private static void Container(JsonObject context, string path, FieldErrors errors)
    {
        foreach (var field in Ids) Id(context, field, path, errors);
        if (context.GetBoolean("allowPrivilegeEscalation") != false) return;
        if (context.GetBoolean("privileged") == true) errors.Invalid(path, context.DeepClone(), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        if (context.GetObject("capabilities")?.GetStrings("add").Contains("CAP_SYS_ADMIN") == true)
            errors.Invalid(path, context.DeepClone(), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }

    private static void Id(JsonObject context, string field, string path, FieldErrors errors)
    {
        if (context.GetInteger(field) is { } id) Id(id, $"{path}.{field}", errors);
    }

    private static void Id(long id, string path, FieldErrors errors)
    {
        if (id is not (>= 0 and <= int.MaxValue)) errors.Invalid(path, id, Names.Between(0, int.MaxValue));
    }

    private static void Sysctls(JsonObject spec, JsonObject context, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var sysctl in context.GetObjects("sysctls"))
        {
            var at = $"{path}[{index++}].name";
            var name = sysctl.GetString("name") ?? "";
            if (name.Length == 0) errors.Required(at);
            else if (name.Length > LongestSysctl || !SysctlName().IsMatch(name)) errors.Invalid(at, name, $"must have at most {LongestSysctl} characters and match regex {SysctlPattern}");
            else if (!seen.Add(name)) errors.Duplicate(at, name);
            var dotted = name.Replace('/', '.');
            if (spec.GetBoolean("hostNetwork") == true && dotted.StartsWith("net.", StringComparison.Ordinal)) errors.Invalid(at, name, "may not be specified when 'hostNetwork' is true");
            if (spec.GetBoolean("hostIPC") == true && IsOfIpc(dotted)) errors.Invalid(at, name, "may not be specified when 'hostIPC' is true");
        }
    }

    /// <summary>component-helpers/node/util/sysctl/namespace.go.</summary>
    private static bool IsOfIpc(string name) =>
        name == "kernel.sem" || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);

    [GeneratedRegex(@"\A(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SysctlName();
}
