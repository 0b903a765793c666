using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.FlowControl;

/// <summary>
/// The flow schemas and priority levels that every API server has: those that must be as they are, and those that it suggests
/// (apiserver/pkg/apis/flowcontrol/bootstrap/default.go).
/// </summary>
public static class FlowControlObjects
{
    private const string ApiVersion = "flowcontrol.apiserver.k8s.io/v1";
    private const string All = "*";
    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private static readonly string[] Everybody = ["system:unauthenticated", "system:authenticated"];

    /// <summary>Says on an object whether the server keeps its spec as it suggests (flowcontrol.AutoUpdateAnnotationKey).</summary>
    public const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";

    /// <summary>The name of the level, and the schema, of those whom nothing holds back.</summary>
    public const string Exempt = "exempt";

    public const string CatchAll = "catch-all";

    public static IReadOnlyList<JsonObject> PriorityLevels { get; } =
    [
        Level(Exempt, new JsonObject { ["type"] = "Exempt", ["exempt"] = new JsonObject { ["nominalConcurrencyShares"] = 0, ["lendablePercent"] = 0 } }),
        Level(CatchAll, Limited(5, 0, null)),
        Level("system", Limited(30, 33, Queues(64, 6))),
        Level("node-high", Limited(40, 25, Queues(64, 6))),
        Level("leader-election", Limited(10, 0, Queues(16, 4))),
        Level("workload-high", Limited(40, 50, Queues(128, 6))),
        Level("workload-low", Limited(100, 90, Queues(128, 6))),
        Level("global-default", Limited(20, 50, Queues(128, 6))),
    ];

    public static IReadOnlyList<JsonObject> FlowSchemas { get; } =
    [
        Schema(Exempt, Exempt, 1, null, Groups("system:masters"), Everything),
        Schema(CatchAll, CatchAll, 10_000, ByUser, Groups(Everybody), Everything),
        Schema("probes", Exempt, 2, null, Groups(Everybody), () => new JsonObject { ["nonResourceRules"] = new JsonArray(Paths(["get"], "/healthz", "/readyz", "/livez")) }),
        Schema("system-leader-election", "leader-election", 100, ByUser, [.. Users("system:kube-controller-manager", "system:kube-scheduler"), SystemAccounts()],
            () => new JsonObject { ["resourceRules"] = new JsonArray(Resources(["get", "create", "update"], "coordination.k8s.io", ["leases"], clusterScope: false)) }),
        Schema("system-node-high", "node-high", 400, ByUser, Groups("system:nodes"), () => new JsonObject
        {
            ["resourceRules"] = new JsonArray(Resources([All], "", ["nodes", "nodes/status"], clusterScope: true), Resources([All], "coordination.k8s.io", ["leases"], clusterScope: false)),
        }),
        Schema("system-nodes", "system", 500, ByUser, Groups("system:nodes"), Everything),
        Schema("kube-controller-manager", "workload-high", 800, ByNamespace, Users("system:kube-controller-manager"), Everything),
        Schema("kube-scheduler", "workload-high", 800, ByNamespace, Users("system:kube-scheduler"), Everything),
        Schema("kube-system-service-accounts", "workload-high", 900, ByNamespace, [SystemAccounts()], Everything),
        Schema("service-accounts", "workload-low", 9_000, ByUser, Groups("system:serviceaccounts"), Everything),
        Schema("global-default", "global-default", 9_900, ByUser, Groups(Everybody), Everything),
    ];

    /// <summary>Whether the server insists on this object.</summary>
    public static bool IsMandatory(string name) => name is Exempt or CatchAll;

    private static JsonObject Level(string name, JsonObject spec) => Object("PriorityLevelConfiguration", name, spec);

    /// <param name="queues">Null: what is too much is rejected at once.</param>
    private static JsonObject Limited(int shares, int lendable, JsonObject? queues)
    {
        var response = new JsonObject { ["type"] = queues is null ? "Reject" : "Queue" };
        response.Put("queuing", queues);
        return new JsonObject
        {
            ["type"] = "Limited",
            ["limited"] = new JsonObject { ["nominalConcurrencyShares"] = shares, ["limitResponse"] = response, ["lendablePercent"] = lendable },
        };
    }

    private static JsonObject Queues(int queues, int handSize) => new() { ["queues"] = queues, ["handSize"] = handSize, ["queueLengthLimit"] = 50 };

    private static JsonObject Schema(string name, string level, int precedence, string? distinguisher, IEnumerable<JsonObject> subjects, Func<JsonObject> rules)
    {
        var rule = rules();
        rule["subjects"] = new JsonArray([.. subjects]);
        var spec = new JsonObject { ["priorityLevelConfiguration"] = new JsonObject { ["name"] = level }, ["matchingPrecedence"] = precedence, ["rules"] = new JsonArray(rule) };
        spec.Put("distinguisherMethod", distinguisher is null ? null : new JsonObject { ["type"] = distinguisher });
        return Object("FlowSchema", name, spec);
    }

    private static JsonObject Object(string kind, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = new JsonObject { [AutoUpdate] = "true" } },
        ["spec"] = spec,
    };

    private static JsonObject Everything() => new()
    {
        ["resourceRules"] = new JsonArray(Resources([All], All, [All], clusterScope: true)),
        ["nonResourceRules"] = new JsonArray(Paths([All], All)),
    };

    private static JsonObject Resources(string[] verbs, string group, string[] resources, bool clusterScope)
    {
        var rule = new JsonObject
        {
            ["verbs"] = JsonDocuments.ArrayOf(verbs),
            ["apiGroups"] = JsonDocuments.ArrayOf(group),
            ["resources"] = JsonDocuments.ArrayOf(resources),
            ["namespaces"] = JsonDocuments.ArrayOf(All),
        };
        if (clusterScope) rule["clusterScope"] = true;
        return rule;
    }

    private static JsonObject Paths(string[] verbs, params string[] paths) => new() { ["verbs"] = JsonDocuments.ArrayOf(verbs), ["nonResourceURLs"] = JsonDocuments.ArrayOf(paths) };

    private static IEnumerable<JsonObject> Groups(params string[] names) => names.Select(name => new JsonObject { ["kind"] = "Group", ["group"] = new JsonObject { ["name"] = name } });

    private static IEnumerable<JsonObject> Users(params string[] names) => names.Select(name => new JsonObject { ["kind"] = "User", ["user"] = new JsonObject { ["name"] = name } });

    private static JsonObject SystemAccounts() =>
        new() { ["kind"] = "ServiceAccount", ["serviceAccount"] = new JsonObject { ["name"] = All, ["namespace"] = "kube-system" } };
}
