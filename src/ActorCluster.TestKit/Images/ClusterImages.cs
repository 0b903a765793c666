using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using Microsoft.AspNetCore.Builder;

namespace ActorCluster.TestKit.Images;

/// <summary>The images of a cluster: those that come along, and a test's own. One that is added takes the place of earlier ones of its name, for containers that start from then on.</summary>
public sealed class ClusterImages
{
    private readonly ContainerRuntime _runtime;
    private readonly SimulationContext _simulation;

    internal ClusterImages(ContainerRuntime runtime, SimulationContext simulation) => (_runtime, _simulation) = (runtime, simulation);

    /// <summary>The repositories that there are.</summary>
    public IReadOnlyList<string> Names => _runtime.ImageNames;

    /// <summary>An ASP.NET Core application as an image. It listens on port 8080, or on the ports that the container's ASPNETCORE_HTTP_PORTS says.</summary>
    /// <param name="reference">shop/cart, shop/cart:2 or shop/cart:*.</param>
    /// <param name="application">Its endpoints and middleware.</param>
    public void Add(string reference, Action<WebApplication> application) => Add(new WebApplicationImage(Repository(reference), null, application));

    /// <param name="services">What it is built of: builder.Services and the like.</param>
    /// <inheritdoc cref="Add(string, Action{WebApplication})"/>
    public void Add(string reference, Action<WebApplicationBuilder> services, Action<WebApplication> application) => Add(new WebApplicationImage(Repository(reference), services, application));

    /// <summary>A C# program as an image, with busybox's tools beside it.</summary>
    /// <param name="reference">shop/batch, shop/batch:2 or shop/batch:*.</param>
    /// <param name="program">Its exit code. It must wait only by what its context gives it (its clock, its network, its streams), and end when it is killed.</param>
    public void AddProgram(string reference, Func<ProcessContext, Task<int>> program) => Add(new ProgramImage(Repository(reference), program));

    /// <summary>An image with all that one has: entrypoint, files, programs.</summary>
    public void Add(ContainerImage image)
    {
        if (_simulation.Loop is not { } loop)
        {
            _runtime.Add(image);
            return;
        }
        loop.Do(() =>
        {
            _runtime.Add(image);
            return true;
        });
    }

    /// <summary>Any tag is what a repository without one means.</summary>
    private static string Repository(string reference) => reference.EndsWith(":*", StringComparison.Ordinal) ? reference[..^2] : reference;
}
