using System.Text;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Contracts.Tests.Streams;

public sealed class ContainerStreamInOneProcessTests : ContainerStreamTests
{
    protected override (ActorSystem Caller, ActorSystem Node) Start()
    {
        var system = ActorSystems.Serializing();
        return (system, system);
    }
}

public sealed class ContainerStreamBetweenProcessesTests : ContainerStreamTests
{
    protected override (ActorSystem Caller, ActorSystem Node) Start() => (ActorSystems.Remote(), ActorSystems.Remote());

    [Fact]
    public async Task A_node_whose_process_dies_fails_the_stream_at_once()
    {
        var written = new TaskCompletionSource();
        Handler = async (_, peer) =>
        {
            await peer.WriteAsync(StreamChannel.Stdout, "hello"u8.ToArray(), default);
            written.SetResult();
            await Task.Delay(Timeout.Infinite, peer.CallerGone);
            return default;
        };
        await using var stream = await OpenAsync();
        await written.Task.WaitAsync(ActorSystems.Patience);
        // What the node said before comes before this one's answer on the same connection.
        await (await OpenSecondAsync()).DisposeAsync();

        await Node.Terminate();

        (await Should.ThrowAsync<ContainerStreamException>(() => stream.Completion.WaitAsync(ActorSystems.Patience))).StatusCode.ShouldBe(500);
        (await ReadTextAsync(stream)).ShouldBe("hello");
    }

    [Fact]
    public async Task A_caller_whose_process_dies_is_gone_for_the_handler()
    {
        var gone = new TaskCompletionSource();
        Handler = async (_, peer) =>
        {
            peer.Accept();
            peer.CallerGone.Register(() => gone.TrySetResult());
            await Task.Delay(Timeout.Infinite, peer.CallerGone);
            return default;
        };
        await using var stream = await OpenAsync();

        await Caller.Terminate();

        await gone.Task.WaitAsync(ActorSystems.Patience);
        await Should.ThrowAsync<ContainerStreamException>(() => stream.Completion.WaitAsync(ActorSystems.Patience));
    }

    [Fact]
    public async Task A_node_that_is_not_where_it_should_be_is_an_error_at_once()
    {
        var error = await Should.ThrowAsync<ContainerStreamException>(() => OpenAsync("nowhere"));
        error.Message.ShouldContain("no node nowhere");
    }
}

/// <summary>Streams from a caller to a node's handler; once in one process with every message serialized, once over real TCP.</summary>
public abstract class ContainerStreamTests : IAsyncLifetime
{
    private static readonly ExecRequest Exec = new("ns", "pod", "uid", "main", ["sh", "-c", "ls"], true, true, true, false);
    private readonly FakeTimeProvider _clock = new();

    protected ActorSystem Caller { get; private set; } = null!;

    protected ActorSystem Node { get; private set; } = null!;

    protected Func<ContainerStreamRequest, IContainerStreamPeer, Task<StreamExit>> Handler { get; set; } =
        static (_, _) => Task.FromResult(new StreamExit(0));

    private SimulationContext Simulation => SimulationContext.RealTime(1) with { Clock = _clock };

    protected abstract (ActorSystem Caller, ActorSystem Node) Start();

    public async Task InitializeAsync()
    {
        (Caller, Node) = Start();
        var handler = new DelegatingHandler((request, peer) => Handler(request, peer));
        var nodes = Node.ActorOf(Props.Create(() => new NodesActor(handler, Simulation)), "nodes");
        await nodes.Ask<ActorIdentity>(new Identify(1), ActorSystems.Patience);
    }

    public async Task DisposeAsync()
    {
        await Caller.Terminate();
        await Node.Terminate();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task The_handler_gets_the_request_as_it_was_made(ContainerStreamRequest request)
    {
        ContainerStreamRequest? seen = null;
        Handler = (given, _) =>
        {
            seen = given;
            return Task.FromResult(new StreamExit(3, "done"));
        };

        await using var stream = await OpenAsync(request: request);

        (await stream.Completion.WaitAsync(ActorSystems.Patience)).ShouldBe(new StreamExit(3, "done"));
        Describing.All(seen).ShouldBe(Describing.All(request));
    }

    public static TheoryData<ContainerStreamRequest> Requests => new()
    {
        Exec with { Command = new List<string> { "echo", "ä\n" } },
        new AttachRequest("ns", "pod", "uid", "c", false, true, false, true),
        new PortForwardRequest("ns", "pod", "uid", 8080),
        new DialRequest("10.244.1.2", 80),
        new AgentRequest("/healthz"),
        new LogRequest("ns", "pod", "uid", "c", true, false, true, 10, null, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 1 << 20),
    };

    [Fact]
    public async Task All_output_arrives_complete_and_in_order_before_the_exit()
    {
        var random = new RandomSource(7);
        var expected = new byte[1_000_000];
        random.NextBytes(expected);
        Handler = async (_, peer) =>
        {
            for (var at = 0; at < expected.Length;)
            {
                var length = Math.Min(expected.Length - at, 1 + random.Next(40_000));
                await peer.WriteAsync(at % 2 == 0 ? StreamChannel.Stdout : StreamChannel.Stderr, expected.AsMemory(at, length), default);
                at += length;
            }

            return new StreamExit(42);
        };
        await using var stream = await OpenAsync();

        (await ReadAsync(stream)).ShouldBe(expected);
        (await stream.Completion).ExitCode.ShouldBe(42);
    }

    [Fact]
    public async Task A_writer_waits_for_a_slow_reader()
    {
        var written = 0;
        var ended = new TaskCompletionSource();
        Handler = async (_, peer) =>
        {
            for (; written < 100; written++) await peer.WriteAsync(StreamChannel.Stdout, new byte[10_000], default);
            ended.SetResult();
            return new StreamExit(0);
        };
        await using var stream = await OpenAsync();
        await UntilAsync(() => Volatile.Read(ref written) >= 6);

        // A round trip on the same connection: had there been credit for more, it would have been used by now.
        var second = await OpenSecondAsync();
        Volatile.Read(ref written).ShouldBe(6);

        (await ReadAsync(stream)).Length.ShouldBe(1_000_000);
        await ended.Task.WaitAsync(ActorSystems.Patience);
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Input_reaches_the_handler_in_order_up_to_its_end_and_waits_for_a_slow_handler()
    {
        var mayRead = new TaskCompletionSource();
        Handler = async (_, peer) =>
        {
            peer.Accept();
            await mayRead.Task;
            var sum = 0;
            while (await peer.ReadAsync(StreamChannel.Stdin, default) is { IsEmpty: false } chunk) sum += chunk.Length;
            await peer.WriteAsync(StreamChannel.Stdout, Encoding.UTF8.GetBytes($"{sum}"), default);
            return new StreamExit(0);
        };
        await using var stream = await OpenAsync();

        var input = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await stream.WriteAsync(StreamChannel.Stdin, new byte[10_000], default);
            await stream.CloseInputAsync(StreamChannel.Stdin, default);
        });
        await (await OpenSecondAsync()).DisposeAsync();
        input.IsCompleted.ShouldBeFalse();
        mayRead.SetResult();

        await input.WaitAsync(ActorSystems.Patience);
        (await ReadTextAsync(stream)).ShouldBe("500000");
    }

    [Fact]
    public async Task A_conversation_goes_back_and_forth()
    {
        Handler = async (_, peer) =>
        {
            while (await peer.ReadAsync(StreamChannel.Stdin, default) is { IsEmpty: false } line) await peer.WriteAsync(StreamChannel.Stdout, line, default);
            return new StreamExit(0);
        };
        await using var stream = await OpenAsync();
        await using var output = stream.ReadAllAsync(default).GetAsyncEnumerator();

        foreach (var word in (string[])["one", "two", "three"])
        {
            await stream.WriteAsync(StreamChannel.Stdin, Encoding.UTF8.GetBytes(word), default);
            (await output.MoveNextAsync().AsTask().WaitAsync(ActorSystems.Patience)).ShouldBeTrue();
            Encoding.UTF8.GetString(output.Current.Data.Span).ShouldBe(word);
        }

        await stream.CloseInputAsync(StreamChannel.Stdin, default);
        (await output.MoveNextAsync()).ShouldBeFalse();
        await stream.WriteAsync(StreamChannel.Stdin, new byte[1_000_000], default);
    }

    [Fact]
    public async Task A_resize_is_passed_on_even_if_it_came_before_somebody_listens()
    {
        var listen = new TaskCompletionSource();
        var sizes = System.Threading.Channels.Channel.CreateUnbounded<TerminalSize>();
        Handler = async (_, peer) =>
        {
            // What follows the resize on the wire says that it has come.
            await peer.ReadAsync(StreamChannel.Stdin, default);
            peer.Resized = size => sizes.Writer.TryWrite(size);
            listen.SetResult();
            await peer.ReadAsync(StreamChannel.Stdin, default);
            return new StreamExit(0);
        };
        await using var stream = await OpenAsync();
        await stream.ResizeAsync(new TerminalSize(80, 24), default);
        await stream.WriteAsync(StreamChannel.Stdin, "x"u8.ToArray(), default);
        await listen.Task.WaitAsync(ActorSystems.Patience);
        await stream.ResizeAsync(new TerminalSize(100, 50), default);

        (await sizes.Reader.ReadAsync().AsTask().WaitAsync(ActorSystems.Patience)).ShouldBe(new TerminalSize(80, 24));
        (await sizes.Reader.ReadAsync().AsTask().WaitAsync(ActorSystems.Patience)).ShouldBe(new TerminalSize(100, 50));
        await stream.CloseInputAsync(StreamChannel.Stdin, default);
        await stream.Completion.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task A_refusal_is_the_openers_exception()
    {
        Handler = static (_, _) => throw new ContainerStreamException(400, "BadRequest", "container not found (\"x\")");

        var refused = await Should.ThrowAsync<ContainerStreamException>(() => OpenAsync());

        (refused.StatusCode, refused.Reason, refused.Message).ShouldBe((400, "BadRequest", "container not found (\"x\")"));
    }

    [Fact]
    public async Task A_handler_that_fails_on_the_way_faults_the_completion_after_its_output()
    {
        Handler = static async (_, peer) =>
        {
            await peer.WriteAsync(StreamChannel.Stdout, "some"u8.ToArray(), default);
            throw new ContainerStreamException(500, "InternalError", "the pod was killed");
        };
        await using var stream = await OpenAsync();

        (await ReadTextAsync(stream)).ShouldBe("some");
        (await Should.ThrowAsync<ContainerStreamException>(() => stream.Completion.WaitAsync(ActorSystems.Patience))).Message.ShouldBe("the pod was killed");
    }

    [Fact]
    public async Task A_silent_command_is_accepted_after_a_moment()
    {
        var started = new TaskCompletionSource();
        var end = new TaskCompletionSource<StreamExit>();
        Handler = (_, _) =>
        {
            started.SetResult();
            return end.Task;
        };
        var opening = OpenAsync();
        await started.Task.WaitAsync(ActorSystems.Patience);
        opening.IsCompleted.ShouldBeFalse();
        _clock.Advance(ContainerStreamProtocol.AcceptAfter);

        await using var stream = await opening;
        end.SetResult(new StreamExit(0));
        await stream.Completion.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task A_caller_that_leaves_is_gone_for_the_handler()
    {
        var outcome = new TaskCompletionSource<Exception>();
        Handler = async (_, peer) =>
        {
            try
            {
                while (true) await peer.WriteAsync(StreamChannel.Stdout, new byte[1_000], default);
            }
            catch (OperationCanceledException e)
            {
                peer.CallerGone.IsCancellationRequested.ShouldBeTrue();
                outcome.SetResult(e);
                throw;
            }
        };
        var stream = await OpenAsync();

        await stream.DisposeAsync();

        await outcome.Task.WaitAsync(ActorSystems.Patience);
    }

    [Fact]
    public async Task Streams_of_one_node_do_not_disturb_one_another()
    {
        Handler = static async (request, peer) =>
        {
            for (var i = 0; i < 200; i++) await peer.WriteAsync(StreamChannel.Stdout, Encoding.UTF8.GetBytes($"{request.Container} {i}\n"), default);
            return new StreamExit(0);
        };

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            await using var stream = await OpenAsync(request: Exec with { Container = $"c{n}" });
            (await ReadTextAsync(stream)).ShouldBe(string.Concat(Enumerable.Range(0, 200).Select(i => $"c{n} {i}\n")));
        }));
    }

    protected Task<IContainerStream> OpenAsync(string node = "node-1", ContainerStreamRequest? request = null)
    {
        var connector = new ContainerStreamConnector(Caller, Simulation, _ => ActorSystems.AddressOf(Node).ToString());
        return connector.OpenAsync(node, request ?? Exec, default).WaitAsync(ActorSystems.Patience);
    }

    protected static async Task<byte[]> ReadAsync(IContainerStream stream)
    {
        using var patience = new CancellationTokenSource(ActorSystems.Patience);
        var all = new MemoryStream();
        await foreach (var chunk in stream.ReadAllAsync(patience.Token)) all.Write(chunk.Data.Span);
        return all.ToArray();
    }

    protected static async Task<string> ReadTextAsync(IContainerStream stream) => Encoding.UTF8.GetString(await ReadAsync(stream));

    protected static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ActorSystems.Patience);
        while (!condition()) await Task.Delay(1, patience.Token);
    }

    protected async Task<IContainerStream> OpenSecondAsync()
    {
        var first = Handler;
        Handler = static (_, _) => Task.FromResult(new StreamExit(0));
        var stream = await OpenAsync();
        Handler = first;
        return stream;
    }

    private sealed class DelegatingHandler(Func<ContainerStreamRequest, IContainerStreamPeer, Task<StreamExit>> handle) : IContainerStreamHandler
    {
        public Task<StreamExit> HandleAsync(ContainerStreamRequest request, IContainerStreamPeer peer) => handle(request, peer);
    }

    /// <summary>/user/nodes with one node, as a worker process has it.</summary>
    private sealed class NodesActor : UntypedActor
    {
        public NodesActor(IContainerStreamHandler handler, SimulationContext simulation) =>
            Context.ActorOf(Props.Create(() => new NodeActor(handler, simulation)), "node-1");

        protected override void OnReceive(object message) => Unhandled(message);
    }

    private sealed class NodeActor(IContainerStreamHandler handler, SimulationContext simulation) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is OpenContainerStream open) Context.ActorOf(ContainerStreamServerActor.Props(handler, simulation)).Forward(open);
            else Unhandled(message);
        }
    }
}
