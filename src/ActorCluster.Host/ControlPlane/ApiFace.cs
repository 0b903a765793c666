using System.Globalization;
using System.Net;
using Akka.Actor;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Host.Logging;
using Microsoft.Extensions.Logging;

namespace ActorCluster.Host.ControlPlane;

/// <summary>The API as kubectl sees it: HTTPS with the cluster's own certificates, and the kubeconfig that leads there.</summary>
internal sealed class ApiFace : IAsyncDisposable
{
    private readonly ApiServerHost _server;
    private readonly ILoggerFactory _logging;
    private readonly ClusterCertificates _certificates;
    private readonly CertificateSigner _signer;

    private ApiFace(ApiServerHost server, ILoggerFactory logging, ClusterCertificates certificates, CertificateSigner signer, string kubeconfig)
    {
        Kubeconfig = kubeconfig;
        _signer = signer;
        _server = server;
        _logging = logging;
        _certificates = certificates;
    }

    public Uri Address => _server.Address;

    /// <summary>The text of the kubeconfig that leads there.</summary>
    public string Kubeconfig { get; }

    /// <summary>Listens, then writes the kubeconfig: whoever finds that file finds an API that answers.</summary>
    /// <param name="certificates">Disposed of with this.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ApiFace> StartAsync(
        ActorSystem system, SimulationContext simulation, ControlPlaneServices services, ClusterCertificates certificates, ApiFaceOptions options, ProcessLog log,
        CancellationToken cancellationToken)
    {
        var logging = new LoggerFactory([new ProcessLoggerProvider(log)], new LoggerFilterOptions { MinLevel = LogLevel.Warning });
        var server = await ApiServerHost.StartAsync(
            new ApiServerOptions
            {
                Pipeline = services.Api,
                Certificates = certificates,
                Streams = new ContainerStreamConnector(system, simulation, services.ProcessAddressOf),
                Simulation = simulation,
                Logging = logging,
                Address = IPAddress.Parse(options.Address),
                Port = options.Port,
            }, cancellationToken);
        services.TellHttpsPort(server.Address.Port);
        log.Information("ApiServer", $"the Kubernetes API is at {server.Address}");
        var known = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{options.Host}:{server.Address.Port}"));
        if (options.Kubeconfig is { } kubeconfig) ApiServer.Certificates.Kubeconfig.Write(kubeconfig, options.ClusterName, known, certificates);
        var signer = CertificateSigner.Start(services.Api, certificates.Authority, simulation);
        return new ApiFace(server, logging, certificates, signer, ApiServer.Certificates.Kubeconfig.Render(options.ClusterName, known, certificates));
    }

    public async ValueTask DisposeAsync()
    {
        await _signer.DisposeAsync();
        await _server.DisposeAsync();
        _logging.Dispose();
        _certificates.Dispose();
    }
}

/// <param name="Host">By which clients reach it; the kubeconfig says so.</param>
/// <param name="Kubeconfig">Where to write it; null: nowhere.</param>
internal sealed record ApiFaceOptions(string ClusterName, string Address, int Port, string Host, string? Kubeconfig);
