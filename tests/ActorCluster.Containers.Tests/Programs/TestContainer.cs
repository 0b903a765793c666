using System.Buffers;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>What containers of a test share: simulation, services, images.</summary>
internal sealed class TestLab : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ContainerRuntime _runtime = new(BuiltInImages.All);
    private readonly List<IAsyncDisposable> _containers = [];

    public TestLab(Action<IServiceCollection>? register = null, TimeProvider? clock = null)
    {
        Simulation = SimulationContext.RealTime(7) with { Clock = clock ?? TimeProvider.System };
        var services = new ServiceCollection().AddContainerHttp(Simulation);
        register?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public SimulationContext Simulation { get; }
    public IServiceProvider Services => _services;

    public TestContainer Create(
        string image,
        INetworkNamespace network,
        IReadOnlyList<string>? command = null,
        IReadOnlyList<string>? arguments = null,
        IReadOnlyDictionary<string, string>? files = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var etc = new Dictionary<string, string>(files ?? new Dictionary<string, string>());
        etc.TryAdd("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        etc.TryAdd("/etc/resolv.conf", "nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n");
        var container = new TestContainer(_runtime.Create(new ContainerConfiguration(
            "c", _runtime.FindImage(image)!, command, arguments, environment ?? new Dictionary<string, string>(), null, "pod-1", network, [], etc, Simulation, _services)));
        _containers.Add(container);
        return container;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers) await container.DisposeAsync();
        await _services.DisposeAsync();
    }
}

internal sealed class TestContainer(IContainer container) : IAsyncDisposable
{
    public IContainer Inner => container;
    public CollectedOutput Stdout { get; } = new();
    public CollectedOutput Stderr { get; } = new();
    public IProcess? Main { get; private set; }

    public TestContainer Start()
    {
        Main = container.Start(new ContainerStreams(null, Stdout, Stderr));
        return this;
    }

    /// <summary>Runs the container's main process to its end.</summary>
    public async Task<(int ExitCode, string Stdout, string Stderr)> RunAsync()
    {
        Start();
        return (await Main!.Exit, Stdout.Text, Stderr.Text);
    }

    /// <summary>Runs another program in the started container.</summary>
    public async Task<(int ExitCode, string Stdout, string Stderr)> ExecAsync(params string[] command)
    {
        CollectedOutput stdout = new(), stderr = new();
        var process = container.Exec(command, new ContainerStreams(null, stdout, stderr));
        return (await process.Exit, stdout.Text, stderr.Text);
    }

    public void Write(string path, string text)
    {
        using var writer = new StreamWriter(container.Files.Open(path, Containers.FileSystem.FileOpen.Write));
        writer.Write(text);
    }

    public string Read(string path)
    {
        using var reader = new StreamReader(container.Files.Open(path, Containers.FileSystem.FileOpen.Read));
        return reader.ReadToEnd();
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();
}

internal sealed class CollectedOutput : IOutputStream
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    public string Text
    {
        get
        {
            lock (_bytes) return Encoding.UTF8.GetString(_bytes.WrittenSpan);
        }
    }

    /// <summary>Completes when the text has been written.</summary>
    public Task WaitForAsync(string text)
    {
        lock (_bytes)
        {
            if (Text.Contains(text, StringComparison.Ordinal)) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, seen));
            return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_bytes)
        {
            _bytes.Write(data.Span);
            foreach (var (text, seen) in _awaited)
            {
                if (Text.Contains(text, StringComparison.Ordinal)) seen.TrySetResult();
            }
        }
        return default;
    }
}
