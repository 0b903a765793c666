using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Http;

/// <summary>The shared server's application: hands each request to the handler of the program that accepted its connection.</summary>
/// <remarks>A connection's requests reuse one context, as ASP.NET Core's own hosting does: nothing is allocated per request.</remarks>
internal sealed class DispatchingApplication(HttpDate date) : IHttpApplication<DispatchingApplication.Request>
{
    public Request CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<Request> container) return new Request(contextFeatures);
        if (container.HostContext is { } reused)
        {
            reused.Http.Initialize(contextFeatures);
            return reused;
        }
        return container.HostContext = new Request(contextFeatures);
    }

    public Task ProcessRequestAsync(Request context)
    {
        context.Http.Response.Headers.Date = date.Now;
        return context.Handler(context.Http);
    }

    public void DisposeContext(Request context, Exception? exception) => context.Http.Uninitialize();

    internal sealed class Request(IFeatureCollection features)
    {
        public DefaultHttpContext Http { get; } = new(features);
        public RequestDelegate Handler { get; } = features.GetRequiredFeature<IServedConnectionFeature>().Handler;
    }
}
