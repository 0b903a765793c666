using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.Commands.Network;

/// <summary>Follows a packet from a pod to where it would end, hop by hop, as the nodes' own tables decide it.</summary>
internal sealed class TraceCommand : Command, IHasExamples
{
    private const int MostHops = 16;
    private const int FirstTimeToLive = 64;

    private readonly CliContext _cli;
    private readonly Argument<string> _from = new("FROM") { Description = "The pod that sends: pod/NAME or pod/NAMESPACE/NAME." };
    private readonly Argument<string> _to = new("TO") { Description = "Where to: svc/NAME:PORT (a number or a port's name), pod/NAME:PORT, node/NAME:PORT, ADDRESS:PORT, or a DNS name that the pod looks up first, like web.shop:80. Without a port: the only one of a service; of anything else, an echo request is sent." };

    private readonly Option<string?> _namespace = CommonOptions.Namespace("The namespace of names that don't say theirs; 'default' without it.");

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "TCP, UDP or SCTP; a service's port has its own.",
        HelpName = "tcp|udp|sctp",
        DefaultValueFactory = _ => "tcp",
    };

    private readonly Option<bool> _v6 = new("--ipv6", "-6") { Description = "Over IPv6: to the service's or pod's IPv6 address." };
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();
    private readonly Option<string> _cluster = CommonOptions.Name();

    public TraceCommand(CliContext cli)
        : base("trace", "Show a packet's way from a pod through the simulated network, each step with its reason. Exit code 1 if it does not arrive.")
    {
        _cli = cli;
        _protocol.AcceptOnlyFromAmong("tcp", "udp", "sctp");
        _from.Validators.Add(result =>
        {
            if (NetworkTarget.Parse(result.Tokens[0].Value) is not { Kind: TargetKind.Pod, Port: "" }) result.AddError($"FROM: '{result.Tokens[0].Value}' is no pod; write it like pod/web-0.");
        });
        _to.Validators.Add(result =>
        {
            if (NetworkTarget.Parse(result.Tokens[0].Value) is null) result.AddError($"TO: '{result.Tokens[0].Value}' can't be read; write it like svc/web:80, pod/web-0:8080, node/worker-1:30080, 10.96.0.10:53 or web.shop:80.");
        });
        Add(_from);
        Add(_to);
        Add(_namespace);
        Add(_protocol);
        Add(_v6);
        Add(_cluster);
        Add(_kubeconfig);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
        ["actorcluster trace pod/client svc/web:80", "actorcluster trace pod/client pod/web-0:8080 -n shop", "actorcluster trace pod/client 10.96.0.10:53 --protocol udp", "actorcluster trace pod/client web.shop.svc.cluster.local:80"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var cluster = parsed.GetValue(_kubeconfig) is { } other ? ClusterQueries.Open(other) : ClusterQueries.Open(_cli.RequireCluster(parsed.GetValue(_cluster)!));
        var ns = parsed.GetValue(_namespace) ?? "default";
        var (from, to) = (NetworkTarget.Parse(parsed.GetValue(_from)!)!, NetworkTarget.Parse(parsed.GetValue(_to)!)!);
        var pod = await cluster.GetAsync("pods", "pod", from.Namespace ?? ns, from.Name, cancellationToken);
        if (Phase(pod) is "Succeeded" or "Failed") throw new ClusterCommandException($"Pod '{from.Name}' has ended ({Phase(pod)}): it sends nothing.");
        _ = AddressOf(pod, v6: null); // without one it can't even ask for a name
        var node = pod["spec"]?["nodeName"]?.GetValue<string>() ?? "";
        bool? v6 = parsed.GetValue(_v6) ? true : null;
        if (await NameOfAsync(cluster, to, to.Namespace ?? ns, cancellationToken) is { } name)
        {
            if (await LookUpAsync(cluster, pod, name.Name, v6, cancellationToken) is not { } address) return ExitCode.Failure;
            to = new NetworkTarget(TargetKind.Address, null, address, name.Port);
        }
        var probe = await ResolveAsync(cluster, to, to.Namespace ?? ns, parsed.GetValue(_protocol)!, v6, cancellationToken);
        var source = AddressOf(pod, IsV6(probe.Address));
        _cli.Terminal.Line($"{probe.Protocol.ToUpperInvariant()} from pod {from.Namespace ?? ns}/{from.Name} ({source}) to {probe.Description}");

        var (port, sourcePort, destination, timeToLive) = (probe.Port, 0, probe.Address, FirstTimeToLive);
        for (var hop = 1; hop <= MostHops; hop++)
        {
            var query = string.Create(CultureInfo.InvariantCulture,
                $"protocol={probe.Protocol}&source={source}&sourcePort={sourcePort}&destination={destination}&port={port}&timeToLive={timeToLive}&first={(hop == 1 ? "true" : "false")}");
            JsonNode report;
            try
            {
                report = await cluster.TraceAsync(node, query, cancellationToken);
            }
            catch (ClusterCommandException fault) when (hop > 1)
            {
                if (await WhyNotReadyAsync(cluster, node, cancellationToken) is not { } why) throw;
                _cli.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{hop}. node {node}"));
                _cli.Terminal.Line($"   {"node",-10} {why}, and can't be asked: {fault.Message}");
                _cli.Terminal.Line("=> unknown (NodeSilent): if the node is dead or paused, the packet is lost there; if it is cut off from the control plane alone, it may arrive");
                return ExitCode.Failure;
            }
            _cli.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{hop}. node {node}"));
            PrintSteps(report);
            var outcome = Text(report, "outcome");
            if (outcome != "Forwarded")
            {
                var last = report["steps"]!.AsArray() is { Count: > 0 } steps ? Text(steps[^1]!, "detail") : "";
                _cli.Terminal.Line(outcome == "Delivered" ? "=> delivered" : $"=> {outcome.ToLowerInvariant()} ({Text(report, "reason")}): {last}");
                return outcome == "Delivered" ? ExitCode.Success : ExitCode.Failure;
            }
            node = Text(report, "nextNode");
            (source, destination) = (Text(report, "source"), Text(report, "destination"));
            (sourcePort, port, timeToLive) = (Number(report, "sourcePort"), Number(report, "port"), Number(report, "timeToLive"));
        }
        throw new ClusterCommandException("The packet goes round in circles.");
    }

    /// <returns>Null: it is Ready.</returns>
    private static async Task<string?> WhyNotReadyAsync(ClusterQueries cluster, string node, CancellationToken cancellationToken)
    {
        var ready = ((await cluster.GetNodeAsync(node, cancellationToken))["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition => Text(condition!, "type") == "Ready");
        return ready is null ? "never was Ready" : Text(ready, "status") == "True" ? null : $"is NotReady ({Text(ready, "message")})";
    }

    /// <summary>What has to be looked up first: a name, or a service that is only one in DNS.</summary>
    /// <returns>Null: nothing.</returns>
    private static async Task<(string Name, string Port)?> NameOfAsync(ClusterQueries cluster, NetworkTarget to, string ns, CancellationToken cancellationToken)
    {
        if (to.Kind == TargetKind.Name) return (to.Name, to.Port);
        if (to.Kind != TargetKind.Service) return null;
        var service = await cluster.GetAsync("services", "service", ns, to.Name, cancellationToken);
        if (ClusterIps(service).Any()) return null;
        // Nobody translates ports here: the client's is the pod's.
        return ($"{to.Name}.{ns}.svc", NetworkTarget.IsPort(to.Port) ? to.Port : ServicePort(service, to, "tcp").Number);
    }

    /// <returns>The address that a program would try first; null, after a word on it, if there is none.</returns>
    private async Task<string?> LookUpAsync(ClusterQueries cluster, JsonNode pod, string name, bool? v6, CancellationToken cancellationToken)
    {
        var answer = await cluster.LookUpAsync(pod, name, cancellationToken);
        _cli.Terminal.Line($"{name}, looked up by pod {Text(pod["metadata"]!, "namespace")}/{Text(pod["metadata"]!, "name")}");
        PrintSteps(answer);
        if (answer["addresses"] is JsonArray { Count: > 0 } addresses)
            return Strings(addresses).FirstOrDefault(ip => v6 is null || IsV6(ip) == v6) ?? throw new ClusterCommandException($"{name} has no IPv6 address.");
        _cli.Terminal.Line($"=> not sent ({Text(answer, "fault")}): {name}: {Text(answer, "message")}");
        // A policy or a service without endpoints may be why: the question's own way tells.
        if (Text(answer, "fault") == "TryAgain" && pod["spec"]?["dnsPolicy"]?.GetValue<string>() is "ClusterFirst" or "ClusterFirstWithHostNet")
            _cli.Terminal.Line("   What becomes of its questions tells the trace to svc/kube-system/kube-dns:53, with --protocol udp.");
        return null;
    }

    private void PrintSteps(JsonNode report)
    {
        foreach (var step in report["steps"]!.AsArray()) _cli.Terminal.Line($"   {Text(step!, "stage"),-10} {Text(step!, "detail")}");
    }

    private static async Task<Probe> ResolveAsync(ClusterQueries cluster, NetworkTarget to, string ns, string protocol, bool? v6, CancellationToken cancellationToken)
    {
        switch (to.Kind)
        {
            case TargetKind.Address:
                return Probe.To(to.Name, to.Port, protocol, "");
            case TargetKind.Node:
                var node = await cluster.GetNodeAsync(to.Name, cancellationToken);
                var own = (node["status"]?["addresses"] as JsonArray ?? []).FirstOrDefault(entry => Text(entry!, "type") == "InternalIP" && (v6 is null || IsV6(Text(entry!, "address")) == v6))
                    ?? throw new ClusterCommandException($"Node '{to.Name}' has no {(v6 == true ? "IPv6 address" : "address yet")}.");
                return Probe.To(Text(own, "address"), to.Port, protocol, $"node {to.Name} ");
            case TargetKind.Pod:
                var pod = await cluster.GetAsync("pods", "pod", ns, to.Name, cancellationToken);
                return Probe.To(AddressOf(pod, v6), to.Port, protocol, $"pod {ns}/{to.Name} ");
            default:
                var service = await cluster.GetAsync("services", "service", ns, to.Name, cancellationToken);
                var address = ClusterIps(service).FirstOrDefault(ip => v6 is null || IsV6(ip) == v6) ?? throw new ClusterCommandException($"Service '{to.Name}' has no IPv6 address.");
                var port = ServicePort(service, to, protocol);
                return Probe.To(address, port.Number, port.Protocol, $"service {ns}/{to.Name} ");
        }
    }

    /// <summary>A port that the service doesn't have is traced all the same, if it is a number: the network says what happens to it.</summary>
    private static (string Number, string Protocol) ServicePort(JsonNode service, NetworkTarget to, string protocol)
    {
        var ports = service["spec"]!["ports"] as JsonArray ?? [];
        if (to.Port.Length == 0 && ports is not [_]) throw new ClusterCommandException($"Service '{to.Name}' has {ports.Count} ports: say which, like svc/{to.Name}:80.");
        bool Fits(JsonNode port) => to.Port.Length == 0 || (port["name"]?.GetValue<string>() ?? "") == to.Port || port["port"]!.ToString() == to.Port;
        var fitting = ports.Where(port => Fits(port!)).ToList();
        var found = fitting.FirstOrDefault(port => string.Equals(ProtocolOf(port!), protocol, StringComparison.OrdinalIgnoreCase)) ?? fitting.FirstOrDefault();
        if (found is not null) return (found["port"]!.ToString(), ProtocolOf(found).ToLowerInvariant());
        if (NetworkTarget.IsPort(to.Port)) return (to.Port, protocol);
        throw new ClusterCommandException($"Service '{to.Name}' has no port '{to.Port}'.");
    }

    private static string ProtocolOf(JsonNode port) => port["protocol"]?.GetValue<string>() ?? "TCP";

    /// <param name="v6">The family; null: the pod's first address.</param>
    private static string AddressOf(JsonNode pod, bool? v6)
    {
        var all = (pod["status"]?["podIPs"] as JsonArray ?? []).Select(entry => Text(entry!, "ip")).ToList();
        if (all.Count == 0) throw new ClusterCommandException($"Pod '{Text(pod["metadata"]!, "name")}' has no address yet: it is {Phase(pod)}.");
        return all.Find(ip => v6 is null || IsV6(ip) == v6) ?? throw new ClusterCommandException($"Pod '{Text(pod["metadata"]!, "name")}' has no {(v6 == true ? "IPv6" : "IPv4")} address.");
    }

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static IEnumerable<string> Strings(JsonNode? array) => (array as JsonArray ?? []).Select(entry => entry!.GetValue<string>());

    /// <summary>None of headless and ExternalName services.</summary>
    private static IEnumerable<string> ClusterIps(JsonNode service) => Strings(service["spec"]?["clusterIPs"]).Where(ip => ip.Length > 0 && ip != "None");

    private static string Phase(JsonNode pod) => pod["status"]?["phase"]?.GetValue<string>() ?? "Pending";

    private static string Text(JsonNode node, string name) => node[name]?.GetValue<string>() ?? "";

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();

    /// <param name="Protocol">tcp, udp, sctp or icmp.</param>
    private sealed record Probe(string Address, int Port, string Protocol, string Description)
    {
        public static Probe To(string address, string port, string protocol, string what)
        {
            if (port.Length == 0) return new(address, 0, "icmp", Described(address));
            var shown = IsV6(address) ? $"[{address}]" : address;
            return new(address, int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture), protocol, Described($"{shown}:{port}"));

            string Described(string end) => what.Length == 0 ? end : $"{what}({end})";
        }
    }
}
