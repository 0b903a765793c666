using System.Text;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Nodes.Tests.Logs;

public class ContainerOutputTests
{
    private readonly ContainerLog _log = new(new FakeTimeProvider(), 1_000_000);

    [Fact]
    public async Task Who_attaches_gets_what_is_written_from_then_on()
    {
        var output = new ContainerOutput(_log, StreamChannel.Stdout);
        await WriteAsync(output, "before ");
        var client = new Client();
        using (await output.AttachAsync(client.ReceiveAsync, default)) await WriteAsync(output, "while");
        await WriteAsync(output, " after");

        client.Text.ShouldBe("while");
    }

    [Fact]
    public async Task The_first_to_attach_gets_what_was_kept_for_it_and_the_second_does_not()
    {
        var output = new ContainerOutput(_log, StreamChannel.Stdout, keepForFirst: true);
        await WriteAsync(output, "one ");
        await WriteAsync(output, "two ");
        var first = new Client();
        var second = new Client();
        using (await output.AttachAsync(first.ReceiveAsync, default))
        using (await output.AttachAsync(second.ReceiveAsync, default))
            await WriteAsync(output, "three");

        first.Text.ShouldBe("one two three");
        second.Text.ShouldBe("three");
    }

    [Fact]
    public async Task What_somebody_has_from_the_log_is_kept_for_nobody()
    {
        var output = new ContainerOutput(_log, StreamChannel.Stdout, keepForFirst: true);
        await WriteAsync(output, "one ");
        output.Forget();
        await WriteAsync(output, "two ");
        var first = new Client();
        using (await output.AttachAsync(first.ReceiveAsync, default)) await WriteAsync(output, "three");

        first.Text.ShouldBe("two three");
    }

    [Fact]
    public async Task What_is_written_while_the_first_still_gets_what_was_kept_comes_after_it()
    {
        var output = new ContainerOutput(_log, StreamChannel.Stdout, keepForFirst: true);
        await WriteAsync(output, "before ");
        var slow = new TaskCompletionSource();
        var client = new Client { Pace = slow.Task };
        var attaching = output.AttachAsync(client.ReceiveAsync, default);
        var writing = WriteAsync(output, "while");
        writing.IsCompleted.ShouldBeFalse();
        slow.SetResult();
        using (await attaching) await writing;

        client.Text.ShouldBe("before while");
    }

    [Fact]
    public async Task More_than_is_kept_is_not_kept_at_all()
    {
        var output = new ContainerOutput(_log, StreamChannel.Stdout, keepForFirst: true);
        for (var kilobyte = 0; kilobyte < 65; kilobyte++) await WriteAsync(output, new string('x', 1024));
        var client = new Client();
        using (await output.AttachAsync(client.ReceiveAsync, default)) await WriteAsync(output, "while");

        client.Text.ShouldBe("while");
    }

    private static Task WriteAsync(ContainerOutput output, string text) => output.WriteAsync(Encoding.UTF8.GetBytes(text), default).AsTask();

    private sealed class Client
    {
        public string Text { get; private set; } = "";

        public Task Pace { get; init; } = Task.CompletedTask;

        public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            await Pace.WaitAsync(cancellationToken);
            Text += Encoding.UTF8.GetString(data.Span);
        }
    }
}
