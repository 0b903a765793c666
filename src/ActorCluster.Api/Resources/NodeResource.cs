using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>nodes, v1.</summary>
internal static class NodeResource
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static readonly ResourceDefinition Definition = ModelResource.ClusterWide<V1Node>() with
    {
        ShortNames = ["no"],
        Strategy = new NodeStrategy(),
        Subresources = [SubresourceDefinition.Proxy("NodeProxyOptions"), SubresourceDefinition.Status("Node")],
        SelectableFields = [new SelectableField("spec.unschedulable", n => n.At("spec", "unschedulable") is { } flag ? flag.ToJsonString() : "false")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Status", "string", "The status of the node"),
            new("Roles", "string", "The roles of the node"),
            TablePrinter.AgeColumn,
            new("Version", "string", "Kubelet version reported by the node."),
            new("Internal-IP", "string", "Addresses at which the node is reachable within the cluster.", 1),
            new("External-IP", "string", "Addresses at which the node is reachable from outside.", 1),
            new("OS-Image", "string", "Operating system reported by the node.", 1),
            new("Kernel-Version", "string", "Kernel version reported by the node.", 1),
            new("Container-Runtime", "string", "Container runtime reported by the node.", 1),
        ], Cells),
    };

    private static IEnumerable<JsonNode?> Cells(JsonObject node, DateTimeOffset now)
    {
        var info = (node.At("status", "nodeInfo") as JsonObject) ?? [];
        var kernel = Or(info.GetString("kernelVersion"), "<unknown>");
        if (info.GetString("architecture") is { Length: > 0 } architecture) kernel += $" ({architecture})";
        return
        [
            node.TextAt("metadata", "name"),
            Status(node),
            Roles(node),
            TablePrinter.Age(node, now),
            info.GetString("kubeletVersion") ?? "",
            Address(node, "InternalIP"),
            Address(node, "ExternalIP"),
            Or(info.GetString("osImage"), "<unknown>"),
            kernel,
            Or(info.GetString("containerRuntimeVersion"), "<unknown>"),
        ];
    }

    private static string Status(JsonObject node)
    {
        var ready = node.GetObject("status").GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == "Ready");
        var status = ready is null ? "Unknown" : ready.GetString("status") == "True" ? "Ready" : "NotReady";
        return node.GetObject("spec")?.GetBoolean("unschedulable") == true ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in ObjectMetadata.Of(node).Labels ?? [])
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length) roles.Add(key[RolePrefix.Length..]);
            else if (key == "kubernetes.io/role" && value.Length > 0) roles.Add(value);
        }
        return roles.Count == 0 ? "<none>" : string.Join(',', roles);
    }

    private static string Address(JsonObject node, string type) =>
        node.GetObject("status").GetObjects("addresses").FirstOrDefault(a => a.GetString("type") == type)?.GetString("address") ?? "<none>";

    private static string Or(string? value, string otherwise) => string.IsNullOrEmpty(value) ? otherwise : value;
}

/// <summary>pkg/registry/core/node and pkg/apis/core/validation (ValidateNode, ValidateNodeUpdate).</summary>
internal sealed class NodeStrategy : ResourceStrategy
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public override string ConditionHeartbeat => "lastHeartbeatTime";

    // A node's agent may register it together with its status, as kubelets do.
    public override void PrepareForUpdate(JsonObject obj, JsonObject old) => obj.Put("status", old["status"]?.DeepClone());

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Ensure("spec");
        var status = obj.GetObject("status");
        // What a node has is allocatable unless it keeps some for itself.
        if (status?.GetObject("capacity") is { } capacity && !status.Has("allocatable")) status["allocatable"] = capacity.DeepClone();
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        var index = 0;
        foreach (var taint in obj.GetObject("spec").GetObjects("taints"))
        {
            var path = $"spec.taints[{index++}]";
            var key = taint.GetString("key") ?? "";
            foreach (var fault in Names.QualifiedName(key)) errors.Invalid($"{path}.key", key, fault);
            foreach (var fault in Names.LabelValue(taint.GetString("value") ?? "")) errors.Invalid($"{path}.value", taint.GetString("value"), fault);
            if (taint.GetString("effect") is not { Length: > 0 } effect) errors.Required($"{path}.effect");
            else if (!Effects.Contains(effect)) errors.NotSupported($"{path}.effect", effect, Effects);
            if (!seen.Add((key, taint.GetString("effect"))))
            {
                errors.Add(FieldErrorType.Duplicate, path, taint, "taints must be unique by key and effect pair");
            }
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.At("spec", "podCIDR") is { } cidr && !cidr.SameAs(obj.At("spec", "podCIDR")))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }
        if (old.TextAt("spec", "providerID") is { Length: > 0 } id && id != obj.TextAt("spec", "providerID"))
        {
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }
}
