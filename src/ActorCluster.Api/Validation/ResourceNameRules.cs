using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Validation;

/// <summary>Names of resources that can be requested and limited (pkg/apis/core/helper/helpers.go; validateResourceName in pkg/apis/core/validation).</summary>
internal static class ResourceNameRules
{
    private const string HugePages = "hugepages-";
    private const string QuotaOfHugePages = "requests." + HugePages;
    private const string QuotaPrefix = "requests.";

    private static readonly HashSet<string> Containers = ["cpu", "memory", "ephemeral-storage"];

    private static readonly HashSet<string> Standard =
    [
        .. Containers, "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
        "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage",
        "services.nodeports", "services.loadbalancers",
    ];

    /// <summary>What a container can request.</summary>
    public static void OfContainer(string name, string path, FieldErrors errors)
    {
        OfAnything(name, path, errors);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (!Containers.Contains(name) && !IsHugePage(name)) errors.Invalid(path, name, "must be a standard resource for containers");
        }
        else if (!IsNative(name) && !IsExtended(name)) errors.Invalid(path, name, "doesn't follow extended resource name standard");
    }

    /// <summary>Whatever can be limited, objects among it.</summary>
    public static void OfAnything(string name, string path, FieldErrors errors)
    {
        var before = errors.Count;
        foreach (var fault in Names.QualifiedName(name)) errors.Invalid(path, name, fault);
        if (errors.Count > before || name.Contains('/', StringComparison.Ordinal)) return;
        if (!Standard.Contains(name) && !IsHugePage(name) && !name.StartsWith(QuotaOfHugePages, StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        }
    }

    /// <summary>Whether a limit may be higher than the request: not of huge pages and devices.</summary>
    public static bool IsOvercommitAllowed(string name) => IsNative(name) && !IsHugePage(name);

    private static bool IsHugePage(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);

    private static bool IsNative(string name) => !name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool IsExtended(string name) =>
        !name.StartsWith(QuotaPrefix, StringComparison.Ordinal) && !Names.QualifiedName(QuotaPrefix + name).Any();
}
