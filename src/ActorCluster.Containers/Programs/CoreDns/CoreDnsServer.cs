using System.Collections.Immutable;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Programs.CoreDns.Plugins;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>What a CoreDNS process has open: its DNS servers and its pages. Another Corefile takes their place without a question being lost.</summary>
internal sealed class CoreDnsServer(ProcessContext context, NetworkTablesSource tables) : IAsyncDisposable
{
    private readonly SortedDictionary<ushort, DnsServer> _servers = [];
    private readonly SortedDictionary<ushort, PagePort> _pagePorts = [];
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableDictionary<(ushort Port, string Path), Func<string?>> _pages = ImmutableDictionary<(ushort, string), Func<string?>>.Empty;
    private CancellationTokenSource? _current;
    private IDisposable? _pods;

    /// <summary>Completes when the process has to end, with what it says then.</summary>
    public Task<string> Failed => _failed.Task;

    /// <summary>Serves what a Corefile says; what was served before goes on until then, and if it can't be.</summary>
    /// <exception cref="CorefileException">A port is taken.</exception>
    public async Task UseAsync(Corefile corefile)
    {
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
        var handlers = Handlers(corefile, stopping.Token, out var counted);
        var pages = Pages(corefile, counted);
        var pods = corefile.WantsPods ? tables.WantPods() : null;
        var opened = new List<IAsyncDisposable>();
        try
        {
            foreach (var (port, handler) in handlers)
                if (!_servers.ContainsKey(port)) opened.Add(_servers[port] = Open(port, () => DnsServer.Start(context.Network, new(IpAddress.AnyV6, port), handler, context.Simulation)));
            foreach (var port in pages.Keys.Select(page => page.Port).Distinct().Order())
                if (!_pagePorts.ContainsKey(port)) opened.Add(_pagePorts[port] = Open(port, () => new PagePort(context, port, path => _pages.GetValueOrDefault((port, path)))));
        }
        catch (CorefileException)
        {
            foreach (var (port, server) in _servers.ToArray())
                if (opened.Contains(server)) _servers.Remove(port);
            foreach (var (port, page) in _pagePorts.ToArray())
                if (opened.Contains(page)) _pagePorts.Remove(port);
            foreach (var open in opened) await open.DisposeAsync();
            pods?.Dispose();
            await stopping.CancelInOrderAsync();
            stopping.Dispose();
            throw;
        }
        foreach (var (port, handler) in handlers) _servers[port].Use(handler);
        _pages = pages;
        var before = (_current, _pods);
        (_current, _pods) = (stopping, pods);
        await EndAsync(before._current, before._pods);
        foreach (var port in _servers.Keys.Except(handlers.Keys).ToArray())
            if (_servers.Remove(port, out var server)) await server.DisposeAsync();
        foreach (var port in _pagePorts.Keys.Except(pages.Keys.Select(page => page.Port)).ToArray())
            if (_pagePorts.Remove(port, out var page)) await page.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_current, _pods);
        foreach (var server in _servers.Values) await server.DisposeAsync();
        foreach (var port in _pagePorts.Values) await port.DisposeAsync();
    }

    private static async Task EndAsync(CancellationTokenSource? stopping, IDisposable? pods)
    {
        pods?.Dispose();
        if (stopping is null) return;
        await stopping.CancelInOrderAsync();
        stopping.Dispose();
    }

    private static T Open<T>(ushort port, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (SocketFaultException fault)
        {
            throw new CorefileException($"Listen: listen tcp :{port}: bind: {fault.Message.ToLowerInvariant()}");
        }
    }

    /// <summary>For each port one that knows the chains of its zones.</summary>
    private SortedDictionary<ushort, PortHandler> Handlers(Corefile corefile, CancellationToken stopping, out List<(ZoneAddress Zone, DnsStatistics Statistics)> counted)
    {
        var handlers = new SortedDictionary<ushort, PortHandler>();
        counted = [];
        foreach (var block in corefile.Blocks)
        {
            foreach (var zone in block.Zones)
            {
                if (!handlers.TryGetValue(zone.Port, out var handler)) handlers.Add(zone.Port, handler = new PortHandler());
                var statistics = new DnsStatistics();
                if (block.IsCounted) counted.Add((zone, statistics));
                var plugins = new PluginContext(context, tables, zone.Port, handler.StepAsync, statistics, message => _failed.TrySetResult(message), stopping);
                handler.Add(zone.Zone, [.. block.Plugins.Select(make => make(plugins))]);
            }
        }
        return handlers;
    }

    private ImmutableDictionary<(ushort Port, string Path), Func<string?>> Pages(Corefile corefile, List<(ZoneAddress Zone, DnsStatistics Statistics)> counted)
    {
        var pages = ImmutableDictionary.CreateBuilder<(ushort Port, string Path), Func<string?>>();
        if (corefile.HealthPort is { } health) pages[(health, "/health")] = () => "OK";
        if (corefile.ReadyPort is { } ready) pages[(ready, "/ready")] = () => tables.HasSynced && (!corefile.WantsPods || tables.Current.KnowsPods) ? "OK" : null;
        foreach (var port in corefile.MetricsPorts) pages[(port, "/metrics")] = () => CoreDnsMetrics.Describe(counted, CoreDnsProgram.Version);
        return pages.ToImmutable();
    }

    /// <summary>Which block a question is for: that with the longest zone that its name is in.</summary>
    private sealed class PortHandler : IDnsHandler
    {
        private readonly Dictionary<string, DnsStep> _chains = [];

        public void Add(string zone, ImmutableArray<IDnsPlugin> plugins)
        {
            DnsStep chain = (request, _) => new(DnsOutcome.Failure(request, "plugin/server: no next plugin found"));
            foreach (var plugin in plugins.Reverse())
            {
                var next = chain;
                chain = (request, cancellationToken) => plugin.AnswerAsync(request, next, cancellationToken);
            }
            // A zone without any plugin is nobody's.
            if (!plugins.IsEmpty) _chains[zone] = chain;
        }

        public ValueTask<DnsOutcome> StepAsync(DnsRequest request, CancellationToken cancellationToken) =>
            DnsZoneNames.Longest(_chains.Keys, request.Query.Questions[0].Name) is { } zone ? _chains[zone](request, cancellationToken) : new(new DnsOutcome(request.Query.Reply(DnsResponseCode.Refused)));

        public ValueTask<DnsMessage> AnswerAsync(DnsRequest request, CancellationToken cancellationToken)
        {
            if (ClusterDnsZone.Screen(request.Query) is { } refused) return new(refused);
            var outcome = StepAsync(request, cancellationToken);
            return outcome.IsCompletedSuccessfully ? new(outcome.Result.Message) : LaterAsync();

            async ValueTask<DnsMessage> LaterAsync() => (await outcome).Message;
        }
    }

    /// <summary>A port of pages; null for one that isn't well.</summary>
    private sealed class PagePort : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping;
        private readonly Task _serving;

        public PagePort(ProcessContext context, ushort port, Func<string, Func<string?>?> find)
        {
            var listener = context.Network.ListenTcp(new SocketAddress(IpAddress.AnyV6, port));
            _stopping = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
            _serving = context.Services.GetRequiredService<SharedHttpServer>().ServeAsync(listener, AnswerAsync, killed: _stopping.Token);

            Task AnswerAsync(HttpContext http)
            {
                var page = find(http.Request.Path.Value ?? "");
                var text = page?.Invoke();
                http.Response.StatusCode = page is null ? StatusCodes.Status404NotFound : text is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
                http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return text is null ? Task.CompletedTask : http.Response.WriteAsync(text);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelInOrderAsync();
            await _serving;
            _stopping.Dispose();
        }
    }
}
