using System.Collections.Immutable;
using System.Text;
using ActorCluster.Containers.Images;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Nodes.Tests.Support;

/// <summary>An image with small programs whose behaviour a test can rely on.</summary>
internal sealed class TestImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["test/sleeper", "test/other"];

    public override ImmutableArray<string> Entrypoint => ["/bin/sleeper"];

    public override ImmutableDictionary<string, IProgram> Programs { get; } = new Dictionary<string, Func<ProcessContext, Task<int>>>
    {
        // Ends with 0 at SIGTERM, else never.
        ["/bin/sleeper"] = SleepAsync,
        // Notices no signal but SIGKILL.
        ["/bin/stubborn"] = async context =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Killed);
            return 0;
        },
        ["/bin/exit"] = context => Task.FromResult(int.Parse(context.Arguments[1], System.Globalization.CultureInfo.InvariantCulture)),
        ["/bin/say"] = async context =>
        {
            await WriteAsync(context.Stdout, string.Join(' ', context.Arguments.Skip(1)) + "\n", context.Killed);
            return 0;
        },
        // Says its arguments, then waits like sleeper.
        ["/bin/say-and-stay"] = async context =>
        {
            await WriteAsync(context.Stdout, string.Join(' ', context.Arguments.Skip(1)) + "\n", context.Killed);
            return await SleepAsync(context);
        },
        ["/bin/env"] = async context =>
        {
            foreach (var (name, value) in context.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal)) await WriteAsync(context.Stdout, $"{name}={value}\n", context.Killed);
            return 0;
        },
        ["/bin/cat"] = async context =>
        {
            if (context.Arguments.Count == 1)
            {
                var buffer = new byte[4096];
                while (await context.Stdin.ReadAsync(buffer, context.Killed) is > 0 and var count) await context.Stdout.WriteAsync(buffer.AsMemory(0, count), context.Killed);
                return 0;
            }
            foreach (var path in context.Arguments.Skip(1))
            {
                using var stream = context.Files.Open(path, ActorCluster.Containers.FileSystem.FileOpen.Read);
                using var copy = new MemoryStream();
                await stream.CopyToAsync(copy);
                await context.Stdout.WriteAsync(copy.ToArray(), context.Killed);
            }
            return 0;
        },
        ["/bin/write"] = context =>
        {
            using var stream = context.Files.Open(context.Arguments[1], ActorCluster.Containers.FileSystem.FileOpen.Write);
            stream.Write(Encoding.UTF8.GetBytes(context.Arguments[2]));
            return Task.FromResult(context.Arguments.Count > 3 ? int.Parse(context.Arguments[3], System.Globalization.CultureInfo.InvariantCulture) : 0);
        },
        ["/bin/exists"] = context => Task.FromResult(context.Files.Exists(context.Arguments[1]) ? 0 : 1),
        // Accepts connections on a port, answers each with its name, and stays.
        ["/bin/listen"] = ListenAsync,
        ["/bin/connect"] = async context =>
        {
            var remote = new SocketAddress(IpAddress.Parse(context.Arguments[1]), ushort.Parse(context.Arguments[2], System.Globalization.CultureInfo.InvariantCulture));
            await using var connection = await context.Network.ConnectTcpAsync(remote, cancellationToken: context.Killed);
            var read = await connection.Input.ReadAsync(context.Killed);
            foreach (var segment in read.Buffer) await context.Stdout.WriteAsync(segment, context.Killed);
            connection.Input.AdvanceTo(read.Buffer.End);
            return 0;
        },
    }.ToImmutableDictionary(pair => pair.Key, pair => (IProgram)new DelegateProgram(pair.Value));

    private static async Task<int> SleepAsync(ProcessContext context)
    {
        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Signals.Handle(15, () => terminated.TrySetResult());
        await terminated.Task.WaitAsync(context.Killed);
        return 0;
    }

    private static async Task<int> ListenAsync(ProcessContext context)
    {
        var port = ushort.Parse(context.Arguments[1], System.Globalization.CultureInfo.InvariantCulture);
        await using var listener = context.Network.ListenTcp(new SocketAddress(IpAddress.AnyV4, port));
        await WriteAsync(context.Stdout, "listening\n", context.Killed);
        context.Signals.Handle(15, () => listener.DisposeAsync().AsTask());
        while (await listener.AcceptAsync(context.Killed) is { } connection)
        {
            await connection.Output.WriteAsync(Encoding.UTF8.GetBytes("hello\n"), context.Killed);
            await connection.Output.CompleteAsync();
        }
        return 0;
    }

    private static ValueTask WriteAsync(IOutputStream stream, string text, CancellationToken killed) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), killed);
}
