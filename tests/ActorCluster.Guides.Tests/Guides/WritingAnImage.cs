using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;
using ActorCluster.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit.Abstractions;

public partial class ImageSpecs(ITestOutputHelper output) : ClusterTestKit(output)
{
    [Fact]
    public async Task An_application_is_an_image()
    {
        await using var cluster = await StartClusterAsync(nodes: 1);
        cluster.Images.Add(
            "shop/greeter:*",
            builder => builder.Services.AddSingleton(new Greeting("Hello from")),
            app => app.MapGet("/", (Greeting greeting) => $"{greeting.Text} {app.Configuration["HOSTNAME"]}"));
        await cluster.ApplyYamlAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: greeter
            spec:
              containers:
              - name: greeter
                image: shop/greeter:1
                env:
                - name: ASPNETCORE_HTTP_PORTS
                  value: "80"
            """);
        await cluster.Pod("greeter").ShouldBeReadyAsync();
        using var client = cluster.Pod("greeter").CreateHttpClient();
        (await client.GetStringAsync("http://localhost")).ShouldBe("Hello from greeter");
    }

    private sealed record Greeting(string Text);
}

/// <summary>A counter that says a number each second; its configuration is a file of the image.</summary>
public sealed class CounterImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["example.com/counter"];
    public override ImmutableArray<string> Entrypoint => ["/bin/counter"];

    // On top of busybox, so that there is a shell for `kubectl exec`.
    public override ImmutableDictionary<string, IProgram> Programs { get; } = BusyBox.Programs.Add("/bin/counter", new DelegateProgram(CountAsync));

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; } =
        ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty.Add("/etc/counter.conf", Encoding.UTF8.GetBytes("10\n"));

    private static async Task<int> CountAsync(ProcessContext process)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(process.Killed);
        process.Signals.Handle(Signals.Terminate, stopping.Cancel);           // else it would be killed after its grace
        using var configuration = new StreamReader(process.Files.Open("/etc/counter.conf", FileOpen.Read));
        var last = int.Parse(await configuration.ReadToEndAsync(process.Killed), CultureInfo.InvariantCulture);
        for (var number = 1; number <= last && !stopping.IsCancellationRequested; number++)
        {
            await process.Stdout.WriteAsync(Encoding.UTF8.GetBytes($"{number}\n"), process.Killed);
            await Task.Delay(TimeSpan.FromSeconds(1), process.Clock, process.Killed);
        }
        return 0;
    }
}

public partial class ImageSpecs
{
    [Fact]
    public async Task A_program_is_an_image()
    {
        await using var cluster = await StartClusterAsync(nodes: 1);
        cluster.Images.Add(new CounterImage());
        await cluster.ApplyYamlAsync("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: counter
            spec:
              restartPolicy: Never
              containers:
              - name: counter
                image: example.com/counter
            """);
        await cluster.Pod("counter").ShouldSucceedAsync();
        cluster.Clock.Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
        (await cluster.Pod("counter").LogsAsync()).ShouldStartWith("1\n2\n3\n");
    }
}
