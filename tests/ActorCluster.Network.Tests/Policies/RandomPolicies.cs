using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using k8s.Models;

namespace ActorCluster.Network.Tests.Policies;

/// <summary>Changes and flows drawn from a world so small that most of them have to do with one another.</summary>
internal sealed class RandomPolicies(int seed)
{
    private static readonly string[] Namespaces = ["x", "y", "z"];
    private static readonly string[] Keys = ["app", "team"];
    private static readonly string[] Values = ["a", "b", "c"];
    private readonly Random _random = new(seed);

    public void Change(PolicyWorld world)
    {
        var ns = Pick(Namespaces);
        switch (_random.Next(10))
        {
            case 0 or 1: world.Namespace(ns, Labels()); break;
            case 2 or 3 or 4:
                var number = _random.Next(3);
                world.Pod(ns, $"p{number}", Address(Array.IndexOf(Namespaces, ns), number), Labels(), $"web={_random.Next(80, 83)}/TCP", $"dns={_random.Next(80, 83)}/UDP");
                break;
            case 5: world.RemovePod($"{ns}/p{_random.Next(3)}"); break;
            case 6: world.RemovePolicy($"{ns}/n{_random.Next(3)}"); break;
            default: world.Policy(ns, $"n{_random.Next(3)}", Spec()); break;
        }
    }

    public (IpAddress From, IpAddress To, IpProtocol Protocol, ushort Port) Flow() =>
        (IpAddress.Parse(Address(_random.Next(4), _random.Next(3))), IpAddress.Parse(Address(_random.Next(4), _random.Next(3))),
            Pick(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp), (ushort)_random.Next(79, 84));

    private static string Address(int ns, int number) => $"10.0.{ns}.{number + 1}";

    private V1NetworkPolicySpec Spec() => new()
    {
        PodSelector = Selector(),
        PolicyTypes = Pick<string[]>(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
        Ingress = [.. Some(() => new V1NetworkPolicyIngressRule { Ports = [.. Some(Port)], FromProperty = [.. Some(Peer)] })],
        Egress = [.. Some(() => new V1NetworkPolicyEgressRule { Ports = [.. Some(Port)], To = [.. Some(Peer)] })],
    };

    private V1NetworkPolicyPort Port()
    {
        var first = _random.Next(79, 84);
        return new()
        {
            Protocol = Pick("TCP", "TCP", "UDP", "SCTP", null),
            Port = _random.Next(4) switch { 0 => null, 1 => Pick("web", "dns", "absent"), _ => first.ToString(CultureInfo.InvariantCulture) },
            EndPort = _random.Next(3) == 0 ? first + _random.Next(3) : null,
        };
    }

    private V1NetworkPolicyPeer Peer()
    {
        if (_random.Next(4) == 0)
        {
            var cidr = Pick("10.0.0.0/16", "10.0.1.0/24", "10.0.3.0/30", "0.0.0.0/0");
            return new() { IpBlock = new() { Cidr = cidr, Except = cidr is "10.0.0.0/16" or "0.0.0.0/0" ? [.. Some(() => Pick("10.0.0.0/24", "10.0.1.2/32", "10.0.3.0/31"))] : null } };
        }
        var which = _random.Next(3);
        return new() { PodSelector = which != 1 ? Selector() : null, NamespaceSelector = which != 0 ? Selector() : null };
    }

    private V1LabelSelector Selector() => _random.Next(4) switch
    {
        0 => new(),
        1 => new() { MatchLabels = Labels().ToDictionary(l => l.Key, l => l.Value) },
        2 => new() { MatchExpressions = [new() { Key = Pick("app", "team"), OperatorProperty = Pick("In", "NotIn"), Values = [Pick(Values), Pick(Values)] }] },
        _ => new() { MatchExpressions = [new() { Key = Pick("app", "team"), OperatorProperty = Pick("Exists", "DoesNotExist") }] },
    };

    private (string Key, string Value)[] Labels() => [.. Keys.Where(_ => _random.Next(3) > 0).Select(key => (key, Pick(Values)))];

    private List<T> Some<T>(Func<T> make) => [.. Enumerable.Range(0, _random.Next(3)).Select(_ => make())];

    private T Pick<T>(params T[] items) => items[_random.Next(items.Length)];
}
