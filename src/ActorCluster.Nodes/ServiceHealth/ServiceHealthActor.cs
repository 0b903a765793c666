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

/// <summary>Answers at the healthCheckNodePorts of services, on the node's own addresses, whether the node has endpoints of theirs.</summary>
/// <remarks>Child of NodeActor, named "service-health". Holds nothing that a restart doesn't find in the tables.</remarks>
internal sealed class ServiceHealthActor(ServiceHealthOptions options) : UntypedActor
{
    private readonly Dictionary<ushort, Check> _open = [];

    public static Props Props(ServiceHealthOptions options) => Akka.Actor.Props.Create(() => new ServiceHealthActor(options));

    protected override void PreStart() => options.NetworkTables.Tell(new Subscribe(Self));

    protected override void PostStop()
    {
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
        ITcpListener listener;
        try
        {
            listener = options.Host.ListenTcp(new SocketAddress(IpAddress.AnyV6, port));
        }
        catch (SocketFaultException fault)
        {
            // A hostNetwork pod has it. The next change of the tables tries again.
            options.Simulation.ReportFault($"node {options.NodeName} failed to start healthcheck \"{report.Namespace}/{report.Name}\" on port {port}", fault);
            return;
        }
        var check = _open[port] = new Check(report);
        _ = ServeAsync(listener, check, port);
    }

    private async Task ServeAsync(ITcpListener listener, Check check, ushort port)
    {
        try
        {
            await options.Server.ServeAsync(listener, check.AnswerAsync, killed: check.Closed);
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
