using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Client;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using k8s.Models;

namespace ActorCluster.Network.Tests.Policies;

/// <summary>A cluster's namespaces, pods and policies as API objects, given to the tables' builder one change at a time.</summary>
internal sealed class PolicyWorld
{
    public PolicyTablesBuilder Builder { get; } = new();

    public Dictionary<string, V1Namespace> Namespaces { get; } = [];
    public Dictionary<string, PolicyPod> Pods { get; } = [];
    public Dictionary<string, V1NetworkPolicy> Policies { get; } = [];

    public PolicyTables Tables => Builder.Build();

    public PolicyWorld Namespace(string name, params (string Key, string Value)[] labels)
    {
        var current = new V1Namespace { Metadata = new() { Name = name, Labels = labels.ToDictionary(l => l.Key, l => l.Value) } };
        Builder.OnNamespace(Namespaces.GetValueOrDefault(name), current);
        Namespaces[name] = current;
        return this;
    }

    /// <param name="ports">"name=80/TCP".</param>
    public PolicyWorld Pod(string ns, string name, string address, (string Key, string Value)[] labels, params string[] ports)
    {
        var named = ports.Select(port => port.Split('=', '/')).Select(p => $$"""{"name":"{{p[0]}}","containerPort":{{p[1]}},"protocol":"{{p[2]}}"}""");
        var map = string.Join(',', labels.Select(l => $"\"{l.Key}\":\"{l.Value}\""));
        var text = $$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"{{ns}}","uid":"{{ns}}-{{name}}","resourceVersion":"1",
             "annotations":{"unread":"x"},"labels":{ {{map}} } },
             "spec":{"containers":[{"name":"c","image":"i","ports":[{{string.Join(',', named)}}]}]},"status":{"phase":"Running","podIPs":[{"ip":"{{address}}"} ] } }
            """;
        return Pod(KubernetesDocument.Read<PolicyPod>(Encoding.UTF8.GetBytes(text)));
    }

    public PolicyWorld Pod(PolicyPod pod)
    {
        var key = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";
        Builder.OnPod(Pods.GetValueOrDefault(key), pod);
        Pods[key] = pod;
        return this;
    }

    public void RemovePod(string key)
    {
        if (Pods.Remove(key, out var pod)) Builder.OnPod(pod, null);
    }

    public PolicyWorld Policy(string ns, string name, V1NetworkPolicySpec spec)
    {
        var current = new V1NetworkPolicy { Metadata = new() { NamespaceProperty = ns, Name = name }, Spec = spec };
        Builder.OnPolicy(Policies.GetValueOrDefault($"{ns}/{name}"), current);
        Policies[$"{ns}/{name}"] = current;
        return this;
    }

    public void RemovePolicy(string key)
    {
        if (Policies.Remove(key, out var policy)) Builder.OnPolicy(policy, null);
    }

    /// <summary>What the compiled tables say of a flow's both ends.</summary>
    public static bool Allows(PolicyTables tables, IpAddress from, IpAddress to, IpProtocol protocol, ushort port) =>
        AllowsAt(tables, PolicyDirection.Egress, from, to, protocol, port) && AllowsAt(tables, PolicyDirection.Ingress, to, from, protocol, port);

    private static bool AllowsAt(PolicyTables tables, PolicyDirection direction, IpAddress end, IpAddress peer, IpProtocol protocol, ushort port) =>
        !tables.TryGetPod(end, out var pod) || tables.Evaluate(direction, pod, peer, protocol, port)?.IsAllowed != false;

    /// <summary>The same, read off the API objects as the documentation words it: no index, no compilation.</summary>
    public bool NaivelyAllows(IpAddress from, IpAddress to, IpProtocol protocol, ushort port)
    {
        var (source, destination) = (At(from), At(to));
        return NaiveEnd("Egress", source, to, destination, destination, protocol, port) && NaiveEnd("Ingress", destination, from, source, destination, protocol, port);
    }

    private bool NaiveEnd(string type, PolicyPod? subject, IpAddress peerAddress, PolicyPod? peer, PolicyPod? receiver, IpProtocol protocol, ushort port)
    {
        if (subject is null) return true;
        var applying = Policies.Values.Where(policy => policy.Metadata.NamespaceProperty == subject.Metadata.NamespaceProperty
            && policy.Spec.PolicyTypes.Contains(type) && Selects(policy.Spec.PodSelector, subject.Metadata.Labels)).ToList();
        if (applying.Count == 0) return true;
        return applying.Any(policy => type == "Ingress"
            ? (policy.Spec.Ingress ?? []).Any(rule => NaivePorts(rule.Ports, receiver, protocol, port) && NaivePeers(policy, rule.FromProperty, peerAddress, peer))
            : (policy.Spec.Egress ?? []).Any(rule => NaivePorts(rule.Ports, receiver, protocol, port) && NaivePeers(policy, rule.To, peerAddress, peer)));
    }

    private static bool NaivePorts(IList<V1NetworkPolicyPort>? ports, PolicyPod? receiver, IpProtocol protocol, ushort number) =>
        ports is not { Count: > 0 } || ports.Any(port =>
        {
            if ((port.Protocol ?? "TCP") != Name(protocol)) return false;
            if (port.Port?.Value is null) return true;
            if (int.TryParse(port.Port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return number >= first && number <= (port.EndPort ?? first);
            return receiver?.Spec!.Containers!.Any(container => container.Ports!.Any(p => p.Name == port.Port.Value && p.ContainerPort == number && p.Protocol == Name(protocol))) == true;
        });

    private bool NaivePeers(V1NetworkPolicy policy, IList<V1NetworkPolicyPeer>? peers, IpAddress address, PolicyPod? pod) =>
        peers is not { Count: > 0 } || peers.Any(peer =>
        {
            if (peer.IpBlock is { } block) return IpNetwork.Parse(block.Cidr).Contains(address) && !(block.Except ?? []).Any(except => IpNetwork.Parse(except).Contains(address));
            if (pod is null) return false;
            var inNamespace = peer.NamespaceSelector is null
                ? pod.Metadata.NamespaceProperty == policy.Metadata.NamespaceProperty
                : Selects(peer.NamespaceSelector, Namespaces.GetValueOrDefault(pod.Metadata.NamespaceProperty)?.Metadata.Labels);
            return inNamespace && (peer.PodSelector is null || Selects(peer.PodSelector, pod.Metadata.Labels));
        });

    private static bool Selects(V1LabelSelector selector, IDictionary<string, string>? labels) =>
        (selector.MatchLabels ?? new Dictionary<string, string>()).All(label => labels?.TryGetValue(label.Key, out var value) == true && value == label.Value)
        && (selector.MatchExpressions ?? []).All(expression => expression.OperatorProperty switch
        {
            "In" => labels?.TryGetValue(expression.Key, out var value) == true && expression.Values.Contains(value),
            "NotIn" => labels?.TryGetValue(expression.Key, out var value) != true || !expression.Values.Contains(value!),
            "Exists" => labels?.ContainsKey(expression.Key) == true,
            _ => labels?.ContainsKey(expression.Key) != true,
        });

    private PolicyPod? At(IpAddress address) => Pods.Values.FirstOrDefault(pod => pod.Addresses.Contains(address));

    private static string Name(IpProtocol protocol) => protocol switch { IpProtocol.Udp => "UDP", IpProtocol.Sctp => "SCTP", _ => "TCP" };
}
