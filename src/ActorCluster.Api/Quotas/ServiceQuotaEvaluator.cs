using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>Services, their node ports and load balancers (pkg/quota/v1/evaluator/core/services.go).</summary>
internal sealed class ServiceQuotaEvaluator() : QuotaEvaluator(new ResourceName("", "services"))
{
    private const string NodePorts = "services.nodeports";
    private const string LoadBalancers = "services.loadbalancers";

    public override bool Counts(string name) => name is "services" or NodePorts or LoadBalancers || name == CountName;

    public override bool CountsUpdates(JsonObject obj, JsonObject old) => true;

    public override ImmutableSortedDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.GetObject("spec") ?? [];
        var isBalanced = spec.GetString("type") == "LoadBalancer";
        var ports = spec.GetObjects("ports").ToList();
        // Node ports may not be allotted yet: what will be counts.
        var nodePorts = (spec.GetString("type"), spec.GetBoolean("allocateLoadBalancerNodePorts")) switch
        {
            ("LoadBalancer", false) => ports.Count(port => port.GetInteger("nodePort") is > 0),
            ("NodePort" or "LoadBalancer", _) => ports.Count,
            _ => 0,
        };
        return ResourceAmounts.None.SetItem(CountName, Pieces(1)).SetItem("services", Pieces(1)).SetItem(NodePorts, Pieces(nodePorts)).SetItem(LoadBalancers, Pieces(isBalanced ? 1 : 0));
    }
}
