using System.Globalization;
using System.Net.Sockets;
using ActorCluster.Containers.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;
using Akka.Actor;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Nodes.ServiceHealth;

/// <summary>
/// Answers at the healthCheckNodePorts of services, on the node's own addresses, whether the node has endpoints of theirs; and at kube-proxy's own ports for the node's proxy.
/// </summary>
/// <remarks>Child of NodeActor, named "service-health". Holds nothing that a restart doesn't find in the tables.</remarks>
internal sealed class ServiceHealthActor(ServiceHealthOptions options) : UntypedActor
{
    private readonly Dictionary<ushort, Check> _open = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly ProxyStatus _proxy = new(options.Simulation);

    public static Props Props(ServiceHealthOptions options) => Akka.Actor.Props.Create(() => new ServiceHealthActor(options));

    protected override void PreStart()
    {
        options.NetworkTables.Tell(new Subscribe(Self));
        TryListen(new SocketAddress(IpAddress.AnyV6, ProxyStatus.HealthPort), _proxy.AnswerHealthAsync, "the service proxy's health", _ended.Token);
        TryListen(new SocketAddress(IpAddress.LoopbackV4, ProxyStatus.StatusPort), ProxyStatus.AnswerStatusAsync, "the service proxy's mode", _ended.Token);
    }

    protected override void PostStop()
    {
        _ended.Cancel();
        foreach (var check in _open.Values) check.Close();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReplaceTables replace: OnReplaceTables(replace.Tables); break;
            default: Unhandled(message); break;
        }
    }

    private void OnReplaceTables(NetworkTables tables)
    {
        _proxy.IsNodeLeaving = tables.TryGetNode(options.NodeName, out var node) && node.IsLeaving;
        var reports = ServiceHealthReport.All(tables, options.NodeName);
        foreach (var (port, check) in _open)
        {
            if (reports.ContainsKey(port)) continue;
            _open.Remove(port);
            check.Close();
        }
        foreach (var (port, report) in reports)
        {
            if (_open.TryGetValue(port, out var check)) check.Report = report;
            else TryOpen(port, report);
        }
    }

    private void TryOpen(ushort port, ServiceHealthReport report)
    {
        var check = new Check(report);
        // Where a hostNetwork pod has the port, the next change of the tables tries again.
        if (TryListen(new SocketAddress(IpAddress.AnyV6, port), check.AnswerAsync, $"healthcheck \"{report.Namespace}/{report.Name}\"", check.Closed)) _open[port] = check;
    }

    private bool TryListen(SocketAddress address, RequestDelegate answer, string what, CancellationToken closed)
    {
        ITcpListener listener;
        try
        {
            listener = options.Host.ListenTcp(address);
        }
        catch (SocketFaultException fault)
        {
            options.Simulation.ReportFault($"node {options.NodeName} failed to start {what} on port {address.Port}", fault);
            return false;
        }
        _ = ServeAsync(listener, answer, address.Port, closed);
        return true;
    }

    private async Task ServeAsync(ITcpListener listener, RequestDelegate answer, ushort port, CancellationToken closed)
    {
        try
        {
            await options.Server.ServeAsync(listener, answer, killed: closed);
        }
        catch (Exception fault) when (fault is not SocketFaultException)
        {
            options.Simulation.ReportFault($"serving the health check at port {port} of node {options.NodeName}", fault);
        }
        catch (SocketFaultException)
        {
            // The node is gone, and its namespace with it.
        }
    }

    private sealed class Check(ServiceHealthReport report)
    {
        private readonly CancellationTokenSource _closed = new();
        private volatile ServiceHealthReport _report = report;

        public ServiceHealthReport Report
        {
            set => _report = value;
        }

        public CancellationToken Closed => _closed.Token;

        public void Close() => _closed.Cancel();

        public Task AnswerAsync(HttpContext http)
        {
            var report = _report;
            var v4 = http.Connection.LocalIpAddress?.AddressFamily != AddressFamily.InterNetworkV6;
            http.Response.StatusCode = report.StatusCode(v4);
            http.Response.ContentType = "application/json";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["X-Load-Balancing-Endpoint-Weight"] = report.Endpoints(v4).ToString(CultureInfo.InvariantCulture);
            return http.Response.WriteAsync(report.Body(v4), http.RequestAborted);
        }
    }
}

/// <param name="Host">The node's own namespace.</param>
/// <param name="NetworkTables">The process's <c>NetworkTablesActor</c>.</param>
internal sealed record ServiceHealthOptions(string NodeName, INetworkNamespace Host, SharedHttpServer Server, IActorRef NetworkTables, SimulationContext Simulation);
