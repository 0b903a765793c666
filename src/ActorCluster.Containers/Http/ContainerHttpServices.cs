using ActorCluster.Contracts.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ActorCluster.Containers.Http;

public static class ContainerHttpServices
{
    /// <summary>What programs that serve HTTP find in <see cref="Runtime.ProcessContext.Services"/>: the process's one <see cref="SharedHttpServer"/>.</summary>
    public static IServiceCollection AddContainerHttp(this IServiceCollection services, SimulationContext simulation)
    {
        services.TryAddSingleton(provider => new SharedHttpServer(simulation, provider.GetService<ILoggerFactory>()));
        return services;
    }
}
