#pragma warning disable CA1001 // Memory streams hold nothing that needs disposal.
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Http;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tests.Runtime;

/// <summary>One container of any image, on real time unless told otherwise.</summary>
internal sealed class Sandbox : IAsyncDisposable, IServiceProvider
{
    private static readonly ContainerRuntime Images = new(BuiltInImages.All);

    public Sandbox(
        ContainerImage? image = null,
        IReadOnlyList<string>? command = null,
        TimeProvider? clock = null,
        IReadOnlyList<VolumeMount>? mounts = null,
        IReadOnlyDictionary<string, string>? environment = null,
        IReadOnlyDictionary<string, string>? etc = null,
        string? workingDirectory = null,
        INetworkNamespace? network = null,
        ControlGroup? group = null,
        Func<ContainerConfiguration, ContainerConfiguration>? change = null)
    {
        Simulation = SimulationContext.RealTime(42) with { Clock = clock ?? TimeProvider.System };
        var configuration = new ContainerConfiguration(
            "c", image ?? Images.FindImage("busybox")!, command, null, environment ?? new Dictionary<string, string>(), workingDirectory, "pod-1",
            network ?? new FakeNetwork(IpAddress.Parse("10.244.1.2")), mounts ?? [],
            etc ?? new Dictionary<string, string> { ["/etc/hosts"] = "127.0.0.1\tlocalhost\n", ["/etc/hostname"] = "pod-1\n" }, Simulation, this) { ControlGroup = group };
        Container = Images.Create(change is null ? configuration : change(configuration));
    }

    public SimulationContext Simulation { get; }
    public IContainer Container { get; }
    public IFileSystem Files => Container.Files;

    /// <summary>Runs a script as the container's first process, to its end.</summary>
    public static async Task<ScriptResult> ShAsync(string script, string input = "")
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", script]);
        return await sandbox.RunAsync(input);
    }

    /// <summary>Starts the main process and waits for its end.</summary>
    public async Task<ScriptResult> RunAsync(string input = "")
    {
        var (stdout, stderr) = (new Collector(), new Collector());
        var process = Container.Start(new(new TextInput(input), stdout, stderr));
        var code = await process.Exit.WaitAsync(TimeSpan.FromMinutes(2));
        return new(code, stdout.Text, stderr.Text);
    }

    /// <summary>Starts a main process that does nothing, so that others can be exec'ed.</summary>
    public async Task<ScriptResult> ExecAsync(params string[] command)
    {
        var (stdout, stderr) = (new Collector(), new Collector());
        var code = await Container.Exec(command, new(null, stdout, stderr)).Exit.WaitAsync(TimeSpan.FromMinutes(2));
        return new(code, stdout.Text, stderr.Text);
    }

    public object? GetService(Type serviceType) => null;
    public ValueTask DisposeAsync() => Container.DisposeAsync();
}

internal sealed record ScriptResult(int Code, string Output, string Errors);

internal sealed class Collector : IOutputStream
{
    private readonly MemoryStream _bytes = new();
    private readonly List<(Func<string, bool> Holds, TaskCompletionSource Done)> _waiters = [];

    public string Text => Encoding.UTF8.GetString(Bytes);

    public byte[] Bytes
    {
        get
        {
            lock (_bytes) return _bytes.ToArray();
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_bytes)
        {
            _bytes.Write(data.Span);
            if (_bytes.Length > 64 << 20) throw new InvalidOperationException("The test's program writes without end.");
            foreach (var waiter in _waiters.Where(w => w.Holds(Text)).ToArray())
            {
                _waiters.Remove(waiter);
                waiter.Done.TrySetResult();
            }
        }
        return default;
    }

    /// <summary>Completes as soon as what was written satisfies a condition.</summary>
    public Task UntilAsync(Func<string, bool> holds)
    {
        lock (_bytes)
        {
            if (holds(Text)) return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((holds, done));
            return done.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    public Task UntilContainsAsync(string text) => UntilAsync(all => all.Contains(text, StringComparison.Ordinal));
}

internal sealed class TextInput(string text) : IInputStream
{
    private readonly MemoryStream _bytes = new(Encoding.UTF8.GetBytes(text));

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        lock (_bytes) return new(_bytes.Read(buffer.Span));
    }
}
