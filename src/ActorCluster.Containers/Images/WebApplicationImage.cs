using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;
using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorCluster.Containers.Images;

/// <summary>An ASP.NET Core application as an image, of the shape of Microsoft's own: it listens on the ports of ASPNETCORE_HTTP_PORTS, 8080 if there is no such variable.</summary>
/// <remarks>
/// Each container has an application of its own, with the container's environment as its configuration, its arguments, and the simulation's clock as its TimeProvider. It is served by
/// the process's one server over simulated connections. SIGTERM stops it as a host's shutdown does.
/// </remarks>
/// <param name="reference">Repository, '*' as a wildcard, with a tag or without.</param>
/// <param name="services">What the application is built of; null: routing alone.</param>
/// <param name="application">Its endpoints and middleware.</param>
public sealed class WebApplicationImage(string reference, Action<WebApplicationBuilder>? services, Action<WebApplication> application) : ContainerImage
{
    private const string PortsVariable = "ASPNETCORE_HTTP_PORTS";
    private const string ProgramPath = "/app/application";

    public override ImmutableArray<string> Repositories => [reference];

    public override ImmutableArray<string> Entrypoint => [ProgramPath];

    public override string WorkingDirectory => "/app";

    public override ImmutableDictionary<string, string> Environment { get; } = BusyBoxEnvironment.Add(PortsVariable, "8080");

    public override ImmutableDictionary<string, IProgram> Programs { get; } =
        BusyBox.Programs.Add(ProgramPath, new DelegateProgram(context => RunAsync(context, services, application)));

    public override string Description => "an ASP.NET Core application of the test's own";

    private static ImmutableDictionary<string, string> BusyBoxEnvironment { get; } =
        ImmutableDictionary<string, string>.Empty.Add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private static async Task<int> RunAsync(ProcessContext context, Action<WebApplicationBuilder>? services, Action<WebApplication> application)
    {
        if (context.Services.GetService(typeof(SharedHttpServer)) is not SharedHttpServer server) return await FailAsync(context, "this node serves no HTTP");
        var ports = Ports(context);
        if (ports.Count == 0) return await FailAsync(context, $"{PortsVariable} has no port");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "application", Args = [.. context.Arguments.Skip(1)], EnvironmentName = "Production" });
        foreach (var (name, value) in context.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal)) builder.Configuration[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        var receiver = new RequestReceiver();
        builder.Services.AddSingleton<IServer>(receiver);
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(context);
        builder.Services.Replace(ServiceDescriptor.Singleton(context.Clock));
        services?.Invoke(builder);
        await using var app = builder.Build();
        application(app);

        using var stopping = new CancellationTokenSource();
        context.Signals.Handle(Signals.Terminate, stopping.Cancel);
        context.Signals.Handle(Signals.Interrupt, stopping.Cancel);
        await app.StartAsync(context.Killed);
        using var stopped = app.Lifetime.ApplicationStopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), stopping);
        var serving = ports.Select(port => server.ServeAsync(
            context.Network.ListenTcp(new SocketAddress(IpAddress.AnyV6, port)), receiver.Handler, stopping: stopping.Token, killed: context.Killed)).ToList();
        await Task.WhenAll(serving);
        await app.StopAsync(context.Killed);
        return 0;
    }

    private static List<ushort> Ports(ProcessContext context) =>
        [.. (context.Environment.GetValueOrDefault(PortsVariable) ?? "").Split(';', ',').Select(text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : (ushort)0).Where(port => port > 0)];

    private static async Task<int> FailAsync(ProcessContext context, string why)
    {
        await context.Stderr.WriteAsync(Encoding.UTF8.GetBytes(why + "\n"), context.Killed);
        return 1;
    }

    /// <summary>The application's server: hands its requests over from where the connections really are served.</summary>
    private sealed class RequestReceiver : IServer
    {
        private RequestDelegate? _handler;

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public RequestDelegate Handler => _handler ?? throw new InvalidOperationException("The application hasn't started.");

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull
        {
            _handler = async http =>
            {
                var request = application.CreateContext(http.Features);
                try
                {
                    await application.ProcessRequestAsync(request);
                    application.DisposeContext(request, null);
                }
                catch (Exception fault)
                {
                    application.DisposeContext(request, fault);
                    throw;
                }
            };
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
            // The listeners belong to the program.
        }
    }
}
