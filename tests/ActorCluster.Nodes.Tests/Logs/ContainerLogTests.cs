using System.Text;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Nodes.Tests.Logs;

public class ContainerLogTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Lines_are_kept_whole_however_they_were_written()
    {
        var log = new ContainerLog(_clock, 1000);
        Write(log, "one\ntw");
        Text(log).ShouldBe("one\n");
        Write(log, "o\n");
        Text(log).ShouldBe("one\ntwo\n");
    }

    [Fact]
    public void Stdout_and_stderr_do_not_mix_within_a_line()
    {
        var log = new ContainerLog(_clock, 1000);
        Write(log, "out");
        Write(log, "error\n", StreamChannel.Stderr);
        Write(log, "put\n");
        Text(log).ShouldBe("error\noutput\n");
    }

    [Fact]
    public void A_last_line_without_newline_counts_when_the_instance_ended()
    {
        var log = new ContainerLog(_clock, 1000);
        Write(log, "half");
        Text(log).ShouldBe("");
        log.Complete();
        Text(log).ShouldBe("half");
    }

    [Fact]
    public void The_oldest_lines_go_when_the_log_is_full()
    {
        var log = new ContainerLog(_clock, 10);
        for (var i = 0; i < 10; i++) Write(log, $"line{i}\n");
        Text(log).ShouldBe("line9\n");
        log.Read(0).Next.ShouldBe(10);
    }

    [Fact]
    public async Task The_reader_gets_the_tail_the_time_and_no_more_than_the_limit()
    {
        var log = new ContainerLog(_clock, 1000);
        foreach (var line in new[] { "a", "b", "c" })
        {
            Write(log, line + "\n");
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
        log.Complete();
        (await ReadAsync(log, Request() with { TailLines = 2 })).ShouldBe("b\nc\n");
        (await ReadAsync(log, Request() with { TailLines = 0 })).ShouldBe("");
        (await ReadAsync(log, Request() with { SinceSeconds = 15 })).ShouldBe("c\n");
        (await ReadAsync(log, Request() with { SinceTime = new DateTimeOffset(2026, 1, 1, 0, 0, 10, TimeSpan.Zero) })).ShouldBe("b\nc\n");
        (await ReadAsync(log, Request() with { LimitBytes = 3 })).ShouldBe("a\nb");
        (await ReadAsync(log, Request() with { TailLines = 1, Timestamps = true })).ShouldBe("2026-01-01T00:00:20.000000000Z c\n");
    }

    [Fact]
    public async Task Following_goes_on_until_the_instance_ended()
    {
        var log = new ContainerLog(_clock, 1000);
        Write(log, "before\n");
        using var peer = new TestPeer();
        var following = LogReader.WriteAsync(log, Request() with { Follow = true, TailLines = 0 }, peer, _clock);
        Write(log, "after\n");
        following.IsCompleted.ShouldBeFalse();
        log.Complete();
        await following;
        peer.Stdout.ShouldBe("after\n");
    }

    private static LogRequest Request() => new("default", "web", "uid", "main", false, false, false, null, null, null, null);

    private async Task<string> ReadAsync(ContainerLog log, LogRequest request)
    {
        using var peer = new TestPeer();
        await LogReader.WriteAsync(log, request, peer, _clock);
        return peer.Stdout;
    }

    private static void Write(ContainerLog log, string text, StreamChannel channel = StreamChannel.Stdout) => log.Append(channel, Encoding.UTF8.GetBytes(text));

    private static string Text(ContainerLog log) => string.Concat(log.Read(0).Entries.Select(entry => Encoding.UTF8.GetString(entry.Line.Span)));
}
