using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Programs;
using ActorCluster.Containers.Tools.Networking;
using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Containers.Tests.Tools.Networking;

public sealed class WgetTests : IAsyncLifetime
{
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_page_is_saved_with_busyboxs_own_words_and_bar()
    {
        _world.Serve(context => AnswerAsync(context, new string('x', 615)));
        var container = _world.Lab.Create("busybox", _world.Client, command: ["wget", "10.244.1.5"]);

        var (code, stdout, stderr) = await container.RunAsync();

        (code, stdout).ShouldBe((0, ""));
        stderr.ShouldBe(
            "Connecting to 10.244.1.5 (10.244.1.5:80)\nsaving to 'index.html'\n" +
            "index.html           100% |********************************|   615  0:00:00 ETA\n'index.html' saved\n");
        container.Read("/index.html").ShouldBe(new string('x', 615));
    }

    [Fact]
    public async Task On_a_terminal_the_bar_takes_its_width_and_overwrites_itself()
    {
        _world.Serve(context => AnswerAsync(context, "hello"));
        var container = _world.Lab.Create("busybox", _world.Client, command: ["wget", "10.244.1.5"]);
        var screen = new CollectedOutput();

        var process = container.Inner.Start(new ContainerStreams(null, screen, screen, new Terminal(60, 25)));

        (await process.Exit).ShouldBe(0);
        screen.Text.ShouldBe(
            "Connecting to 10.244.1.5 (10.244.1.5:80)\r\nsaving to 'index.html'\r\n" +
            "\rindex.html           100% |************|     5  0:00:00 ETA\r\n'index.html' saved\r\n");
    }

    [Fact]
    public async Task Standard_output_takes_the_page_and_quiet_leaves_nothing_else()
    {
        _world.Serve(context => AnswerAsync(context, "hello\n"));
        _world.Serve(context => context.Response.WriteAsync("hello\n"), 8080);

        (await _world.BusyBoxAsync("wget", "-qO-", "http://10.244.1.5/")).ShouldBe((0, "hello\n", ""));
        (await _world.BusyBoxAsync("wget", "-O", "-", "10.244.1.5:8080")).ShouldBe((
            0, "hello\n",
            "Connecting to 10.244.1.5:8080 (10.244.1.5:8080)\nwriting to stdout\n" +
            "-                    100% |********************************|     6  0:00:00 ETA\nwritten to stdout\n"));
    }

    [Fact]
    public async Task Failures_have_busyboxs_words_and_code_1()
    {
        _world.Serve(context =>
        {
            context.Response.StatusCode = 404;
            return AnswerAsync(context, "gone");
        });
        _world.Serve(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }, 81);

        (await _world.BusyBoxAsync("wget", "-q", "10.244.1.5")).ShouldBe((1, "", "wget: server returned error: HTTP/1.1 404 Not Found\n"));
        (await _world.BusyBoxAsync("wget", "10.244.1.5:99")).ShouldBe(
            (1, "", "Connecting to 10.244.1.5:99 (10.244.1.5:99)\nwget: can't connect to remote host (10.244.1.5): Connection refused\n"));
        (await _world.BusyBoxAsync("wget", "-q", "10.244.1.5:81")).ShouldBe((1, "", "wget: error getting response\n"));
        (await _world.BusyBoxAsync("wget", "ftp://x/y")).ShouldBe((1, "", "wget: not an http or ftp url: ftp://x/y\n"));
        (await _world.BusyBoxAsync("wget")).Stderr.ShouldContain("Usage: wget [-cqS]");
        await using var dns = await _world.StartDnsAsync();
        (await _world.BusyBoxAsync("wget", "nowhere:8080")).ShouldBe((1, "", "wget: bad address 'nowhere:8080'\n"));
    }

    [Fact]
    public async Task Connecting_and_waiting_for_an_answer_end_with_the_timeout()
    {
        var entered = new TaskCompletionSource();
        _world.Serve(async context =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var lost = _world.Lab.Create("busybox", _world.Client, command: ["wget", "-q", "-T", "5", "10.244.9.9"]).Start();
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(5));
        (await lost.Main!.Exit).ShouldBe(1);
        lost.Stderr.Text.ShouldBe("wget: download timed out\n");

        var stuck = _world.Lab.Create("busybox", _world.Client, command: ["wget", "-q", "-T", "7", "10.244.1.5"]).Start();
        await entered.Task;
        _world.Clock.Advance(TimeSpan.FromSeconds(7));
        (await stuck.Main!.Exit).ShouldBe(1);
        stuck.Stderr.Text.ShouldBe("wget: download timed out\n");
    }

    [Fact]
    public async Task A_slow_download_shows_a_line_each_second_until_its_patience_ends()
    {
        _world.Serve(async context =>
        {
            context.Response.ContentLength = 2000;
            await context.Response.Body.WriteAsync(new byte[500]);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var wget = _world.Lab.Create("busybox", _world.Client, command: ["wget", "-T", "2", "10.244.1.5/big"]).Start();
        await ProgramWorld.UntilAsync(() => wget.Inner.Files.Exists("/big") && wget.Inner.Files.Stat("/big").Length == 500, "wget writes what came so far");
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await wget.Stderr.WaitForAsync("big                   25% |********                        |   500  0:00:03 ETA\n");
        // Each second is answered by a line or by the end; the first may have come before wget began to wait for data, and then doesn't count.
        for (var lines = 2; !wget.Main!.Exit.IsCompleted; lines++)
        {
            lines.ShouldBeLessThanOrEqualTo(3);
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
            await ProgramWorld.UntilAsync(() => wget.Main.Exit.IsCompleted || wget.Stderr.Text.Split("big     ").Length > lines, "another line, or the end");
        }

        (await wget.Main!.Exit).ShouldBe(1);
        wget.Stderr.Text.ShouldEndWith("wget: download timed out\n");
    }

    [Fact]
    public async Task Options_shape_the_request_and_show_the_answer()
    {
        _world.Serve(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var headers = string.Join('|', context.Request.Headers.Select(h => $"{h.Key}={h.Value}").Order(StringComparer.Ordinal));
            await AnswerAsync(context, $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {headers} [{body}]");
        });

        (await _world.BusyBoxAsync("wget", "-qO-", "10.244.1.5/a?b=c")).Stdout.ShouldBe("GET /a?b=c Connection=close|Host=10.244.1.5|User-Agent=Wget []");
        (await _world.BusyBoxAsync("wget", "-qO-", "--header", "X-One: 1", "--header=User-Agent: me", "10.244.1.5")).Stdout.ShouldBe("GET / Connection=close|Host=10.244.1.5|User-Agent=me|X-One=1 []");
        (await _world.BusyBoxAsync("wget", "-qO-", "--post-data", "a=b", "ann:pw@10.244.1.5/in")).Stdout.ShouldBe(
            "POST /in Authorization=Basic YW5uOnB3|Connection=close|Content-Length=3|Content-Type=application/x-www-form-urlencoded|Host=10.244.1.5|User-Agent=Wget [a=b]");
        (await _world.BusyBoxAsync("wget", "-S", "--spider", "10.244.1.5")).Stderr.ShouldBe(
            "Connecting to 10.244.1.5 (10.244.1.5:80)\n  HTTP/1.1 200 OK\n  Content-Length: 57\n  Connection: close\n  Date: Mon, 23 Nov 2026 09:00:00 GMT\n  \nremote file exists\n");
    }

    [Fact]
    public async Task Redirects_are_followed_to_the_end_or_the_sixteenth()
    {
        _world.Serve(context =>
        {
            if (context.Request.Path == "/end") return AnswerAsync(context, "there");
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = context.Request.Path == "/loop" ? "/loop" : "http://10.244.1.5/end";
            return Task.CompletedTask;
        });

        (await _world.BusyBoxAsync("wget", "-O-", "10.244.1.5/start")).ShouldBe((
            0, "there",
            "Connecting to 10.244.1.5 (10.244.1.5:80)\nConnecting to 10.244.1.5 (10.244.1.5:80)\nwriting to stdout\n" +
            "-                    100% |********************************|     5  0:00:00 ETA\nwritten to stdout\n"));
        (await _world.BusyBoxAsync("wget", "-q", "10.244.1.5/loop")).ShouldBe((1, "", "wget: too many redirections\n"));
    }

    [Fact]
    public async Task Files_are_kept_named_continued_and_never_overwritten_without_being_asked()
    {
        _world.Serve(context =>
        {
            if (context.Request.Headers.Range.Count == 0) return AnswerAsync(context, "0123456789");
            context.Response.StatusCode = 206;
            return AnswerAsync(context, "0123456789"[int.Parse(context.Request.Headers.Range.ToString()["bytes=".Length..^1])..]);
        });
        const string script =
            "mkdir d; wget -q -P d 10.244.1.5/x/page.html; cat d/page.html; echo; wget -q -P d 10.244.1.5/x/page.html; echo $?; " +
            "printf 012345 >part; wget -q -c -O part 10.244.1.5; cat part; echo; wget -q -O d/page.html 10.244.1.5/y && echo over";

        (await _world.BusyBoxAsync("sh", "-c", script)).ShouldBe((0, "0123456789\n1\n0123456789\nover\n", "wget: can't open 'd/page.html': File exists\n"));
    }

    [Fact]
    public async Task A_connection_that_ends_early_is_a_failure()
    {
        await using var listener = _world.Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 90));
        var wget = _world.Lab.Create("busybox", _world.Client, command: ["wget", "-q", "10.244.1.5:90"]).Start();
        await using (var connection = (await listener.AcceptAsync())!)
        {
            connection.Input.AdvanceTo((await connection.Input.ReadAsync()).Buffer.End);
            await connection.Output.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"u8.ToArray());
        }

        (await wget.Main!.Exit).ShouldBe(1);
        wget.Stderr.Text.ShouldBe("wget: connection closed prematurely\n");
    }

    [Theory]
    [InlineData(0, "    0")]
    [InlineData(99_999, "99999")]
    [InlineData(100_000, "97.7k")]
    [InlineData(3_000_000, "2930k")]
    [InlineData(20_000_000, "19.1M")]
    [InlineData(500_000_000, " 477M")]
    public void Amounts_take_five_columns(long bytes, string shown) => WgetProgress.Amount(bytes).ShouldBe(shown);

    [Fact]
    public void Silence_of_five_seconds_is_called_stalled_and_no_size_has_no_bar()
    {
        var clock = new FakeTimeProvider();
        var progress = new WgetProgress(clock, "a-name-of-more-than-twenty-letters", terminal: false, width: 80);
        progress.Line(0, 10, 0).ShouldBeNull();
        clock.Advance(TimeSpan.FromSeconds(1));
        progress.Line(0, 10, 0).ShouldBe("a-name-of-more-than-    10 --:--:-- ETA\n");
        clock.Advance(TimeSpan.FromSeconds(5));
        progress.Line(0, 10, 0).ShouldBe("a-name-of-more-than-    10  - stalled -\n");
    }

    private static Task AnswerAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        return context.Response.WriteAsync(text);
    }
}
