using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Programs.Curl;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Stack;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class CurlTests : IAsyncLifetime
{
    private const string MeterHeader =
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
        "                                 Dload  Upload   Total   Spent    Left  Speed\n";

    private const string MeterStart = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";

    private readonly ObservedClock _clock = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly List<Task> _serving = [];
    private readonly TestNetwork _wire;
    private readonly TestLab _lab;
    private readonly NetworkNamespace _server;
    private readonly NetworkNamespace _client;

    public CurlTests()
    {
        _lab = new TestLab(clock: _clock);
        _wire = new TestNetwork(_lab.Simulation);
        (_server, _client) = (_wire.Add("10.244.1.5"), _wire.Add("10.244.2.7"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _killed.CancelAsync();
        await Task.WhenAll(_serving);
        await _lab.DisposeAsync();
        await _wire.DisposeAsync();
        _killed.Dispose();
    }

    [Fact]
    public async Task The_meter_is_curls_own_where_the_output_is_no_terminal()
    {
        Serve(context => AnswerAsync(context, new string('x', 615)));
        Serve(context => context.Response.WriteAsync(new string('x', 615)), 81);

        var (code, stdout, stderr) = await CurlAsync("10.244.1.5");

        (code, stdout).ShouldBe((0, new string('x', 615)));
        stderr.ShouldBe(MeterHeader + MeterStart + "\r100   615  100   615    0     0   586M      0 --:--:-- --:--:-- --:--:--  600k\n");
        // Without a Content-Length there is no share of what is received.
        (await CurlAsync("10.244.1.5:81")).Stderr.ShouldBe(MeterHeader + MeterStart + "\r100   615    0   615    0     0   586M      0 --:--:-- --:--:-- --:--:--  600k\n");
    }

    [Fact]
    public async Task A_slow_transfer_shows_where_it_is_each_second()
    {
        var middle = new TaskCompletionSource();
        Serve(async context =>
        {
            context.Response.ContentLength = 2000;
            await context.Response.Body.WriteAsync(new byte[500]);
            await context.Response.Body.FlushAsync();
            await middle.Task;
            await context.Response.Body.WriteAsync(new byte[1500]);
        });
        var curl = _lab.Create("curlimages/curl", _client, arguments: ["-o", "/tmp/out", "10.244.1.5"]).Start();
        await WaitForAsync(() => curl.Inner.Files.Exists("/tmp/out"), "curl makes the file");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await curl.Stderr.WaitForAsync("\r 25  2000   25   500    0     0    500      0  0:00:04  0:00:01  0:00:03   500");
        middle.SetResult();

        (await curl.Main!.Exit).ShouldBe(0);
        curl.Stderr.Text.ShouldEndWith("\r100  2000  100  2000    0     0   2000      0  0:00:01  0:00:01 --:--:--  2000\n");
        curl.Inner.Files.Stat("/tmp/out").Length.ShouldBe(2000);
    }

    [Theory]
    [InlineData(0, "    0")]
    [InlineData(99999, "99999")]
    [InlineData(100000, "  97k")]
    [InlineData(3000000, "2929k")]
    [InlineData(20_000_000, "19.0M")]
    [InlineData(500_000_000, " 476M")]
    public void Amounts_take_five_columns(long bytes, string shown) => CurlMeter.Amount(bytes).ShouldBe(shown);

    [Theory]
    [InlineData(0, "--:--:--")]
    [InlineData(61, " 0:01:01")]
    [InlineData(360000, "  4d 04h")]
    public void Times_take_eight_columns(long seconds, string shown) => CurlMeter.Time(seconds).ShouldBe(shown);

    [Fact]
    public async Task Silence_leaves_only_the_page()
    {
        Serve(context => AnswerAsync(context, "hi"));
        (await CurlAsync("-s", "http://10.244.1.5/")).ShouldBe((0, "hi", ""));
        (await CurlAsync("--no-progress-meter", "http://10.244.1.5/")).ShouldBe((0, "hi", ""));
    }

    [Fact]
    public async Task Failures_have_curls_codes_and_words()
    {
        Serve(context =>
        {
            context.Response.StatusCode = 404;
            return AnswerAsync(context, "gone");
        });
        Serve(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }, 81);

        (await CurlAsync("-sSf", "10.244.1.5")).ShouldBe((22, "", "curl: (22) The requested URL returned error: 404\n"));
        (await CurlAsync("-sS", "--fail-with-body", "10.244.1.5")).ShouldBe((22, "gone", "curl: (22) The requested URL returned error: 404\n"));
        (await CurlAsync("-sS", "10.244.1.5:99")).ShouldBe((7, "", "curl: (7) Failed to connect to 10.244.1.5 port 99 after 0 ms: Could not connect to server\n"));
        (await CurlAsync("10.244.1.5:99")).Stderr.ShouldBe(MeterHeader + MeterStart + MeterStart + "\ncurl: (7) Failed to connect to 10.244.1.5 port 99 after 0 ms: Could not connect to server\n");
        (await CurlAsync("-sS", "10.244.1.5:81")).ExitCode.ShouldBeOneOf(52, 56);
        (await CurlAsync("-sS", "ftp://x/")).ShouldBe((1, "", "curl: (1) Protocol \"ftp\" not supported\n"));
        (await CurlAsync("-sS", "http://")).ShouldBe((3, "", "curl: (3) URL rejected: No host part in the URL\n"));
        (await CurlAsync("--foo")).ShouldBe((2, "", "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"));
        (await CurlAsync("-m", "abc", "x")).Stderr.ShouldStartWith("curl: option -m: expected a proper numerical parameter\n");
        (await CurlAsync("--max-time")).Stderr.ShouldStartWith("curl: option --max-time: requires parameter\n");
        (await CurlAsync("-sS", "-o", "/no/such/x", "10.244.1.5")).ShouldBe(
            (23, "", "Warning: Failed to open the file /no/such/x: No such file or directory\ncurl: (23) client returned ERROR on write, 4 passed, 0 returned\n"));
    }

    [Fact]
    public async Task An_unknown_name_is_a_6()
    {
        var (code, stdout, stderr) = await RunAsync("-sS", "http://nowhere.invalid/", hosts: "127.0.0.1 localhost\n", resolv: "");
        (code, stdout, stderr).ShouldBe((6, "", "curl: (6) Could not resolve host: nowhere.invalid\n"));
    }

    [Fact]
    public async Task A_server_that_closes_without_a_word_is_a_52()
    {
        await using var listener = _server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 90));
        var curl = _lab.Create("curlimages/curl", _client, arguments: ["-sS", "10.244.1.5:90"]).Start();
        await using (var connection = await listener.AcceptAsync())
        {
            var request = await connection!.Input.ReadAsync();
            connection.Input.AdvanceTo(request.Buffer.End);
        }

        (await curl.Main!.Exit).ShouldBe(52);
        curl.Stderr.Text.ShouldBe("curl: (52) Empty reply from server\n");
    }

    [Fact]
    public async Task Time_limits_end_a_transfer_with_28()
    {
        var entered = new TaskCompletionSource();
        Serve(async context =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var stuck = _lab.Create("curlimages/curl", _client, arguments: ["-sS", "-m", "2", "10.244.1.5"]).Start();
        await entered.Task;
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await stuck.Main!.Exit).ShouldBe(28);
        stuck.Stderr.Text.ShouldBe("curl: (28) Operation timed out after 2000 milliseconds with 0 bytes received\n");

        // Nobody has this address: SYNs vanish.
        var lost = _lab.Create("curlimages/curl", _client, arguments: ["-sS", "--connect-timeout", "5", "10.244.9.9"]).Start();
        await _clock.PassAsync(TimeSpan.FromSeconds(5));
        (await lost.Main!.Exit).ShouldBe(28);
        lost.Stderr.Text.ShouldBe("curl: (28) Connection timed out after 5000 milliseconds\n");
    }

    [Fact]
    public async Task Requests_say_what_the_options_ask_for()
    {
        Serve(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            var headers = string.Join('|', context.Request.Headers.Where(h => h.Key != "Host").Select(h => $"{h.Key}={h.Value}").Order(StringComparer.Ordinal));
            await AnswerAsync(context, $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {headers} [{body}]");
        });

        (await SilentAsync("10.244.1.5/a/../b?c")).ShouldBe($"GET /b?c Accept=*/*|User-Agent=curl/{CurlOptions.Version} []");
        (await SilentAsync("-d", "a=b", "-d", "c=d", "-A", "me", "10.244.1.5")).ShouldBe(
            "POST / Accept=*/*|Content-Length=7|Content-Type=application/x-www-form-urlencoded|User-Agent=me [a=b&c=d]");
        (await SilentAsync("-X", "DELETE", "-H", "X-One: 1", "-H", "Accept:", "-A", "", "-u", "ann:pw", "10.244.1.5/x")).ShouldBe("DELETE /x Authorization=Basic YW5uOnB3|X-One=1 []");
        (await SilentAsync("-G", "--data-urlencode", "q=a b", "-A", "", "10.244.1.5/s")).ShouldBe("GET /s?q=a%20b Accept=*/* []");
        (await SilentAsync("--json", "{}", "-A", "", "10.244.1.5")).ShouldBe("POST / Accept=application/json|Content-Length=2|Content-Type=application/json [{}]");
        (await SilentAsync("-T", "/etc/hosts", "-A", "", "10.244.1.5/up/")).ShouldStartWith("PUT /up/hosts Accept=*/*|Content-Length=");
        var form = await SilentAsync("-F", "a=b", "-F", "f=@/etc/hosts;type=text/plain", "-A", "", "10.244.1.5");
        form.ShouldContain("Content-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n");
        form.ShouldContain("Content-Disposition: form-data; name=\"f\"; filename=\"hosts\"\r\nContent-Type: text/plain\r\n\r\n");
    }

    [Fact]
    public async Task Redirects_are_followed_and_told_by_write_out()
    {
        Serve(context =>
        {
            if (context.Request.Path == "/end") return AnswerAsync(context, context.Request.Method);
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = context.Request.Path == "/loop" ? "/loop" : "/end";
            return Task.CompletedTask;
        });

        (await SilentAsync("-L", "-d", "x", "-w", "\\n%{http_code} %{num_redirects} %{url_effective} %{remote_ip}:%{remote_port} %{size_download} %%\\n", "10.244.1.5/start"))
            .ShouldBe("GET\n200 1 http://10.244.1.5/end 10.244.1.5:80 3 %\n");
        (await SilentAsync("-w", "%{redirect_url} %{exitcode} %{time_total}", "10.244.1.5/start")).ShouldBe("http://10.244.1.5/end 0 0.000000");
        (await CurlAsync("-sSL", "--max-redirs", "3", "10.244.1.5/loop")).ShouldBe((47, "", "curl: (47) Maximum (3) redirects followed\n"));
        (await CurlAsync("-s", "-w", "%{nope}", "10.244.1.5/end")).Stderr.ShouldBe("curl: unknown --write-out variable: 'nope'\n");
    }

    [Fact]
    public async Task Verbose_shows_the_connection_and_both_heads_as_they_were_sent()
    {
        Serve(context =>
        {
            context.Response.Headers["X-Mixed-cASE"] = "1";
            return AnswerAsync(context, "hi");
        });
        var (_, stdout, stderr) = await CurlAsync("-sv", "10.244.1.5");

        stdout.ShouldBe("hi");
        stderr.ShouldBe(
            "*   Trying 10.244.1.5:80...\n* Connected to 10.244.1.5 (10.244.1.5) port 80\n" +
            $"> GET / HTTP/1.1\r\n> Host: 10.244.1.5\r\n> User-Agent: curl/{CurlOptions.Version}\r\n> Accept: */*\r\n> \r\n* Request completely sent off\n" +
            "< HTTP/1.1 200 OK\r\n< Content-Length: 2\r\n< Date: Mon, 23 Nov 2026 09:00:00 GMT\r\n< X-Mixed-cASE: 1\r\n< \r\n" +
            "{ [2 bytes data]\n* Connection #0 to host 10.244.1.5 left intact\n");
        (await SilentAsync("-I", "10.244.1.5")).ShouldBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT\r\nX-Mixed-cASE: 1\r\n\r\n");
        (await SilentAsync("-i", "10.244.1.5")).ShouldEndWith("\r\n\r\nhi");
    }

    [Fact]
    public async Task Names_come_from_resolve_and_from_the_hosts_file()
    {
        Serve(context => AnswerAsync(context, context.Request.Host.Value!));
        (await SilentAsync("--resolve", "web.example:80:10.244.1.5", "http://web.example/")).ShouldBe("web.example");
        (await RunAsync("-s", "http://backend", hosts: "10.244.1.5 backend\n", resolv: "")).Stdout.ShouldBe("backend");
    }

    [Fact]
    public async Task Failed_transfers_are_tried_again_as_often_as_asked()
    {
        var requests = 0;
        Serve(context =>
        {
            context.Response.StatusCode = ++requests < 3 ? 503 : 200;
            return AnswerAsync(context, $"try {requests};");
        });
        var curl = _lab.Create("curlimages/curl", _client, arguments: ["-f", "--retry", "5", "--retry-delay", "7", "--no-progress-meter", "10.244.1.5"]).Start();
        await _clock.PassAsync(TimeSpan.FromSeconds(7));
        await _clock.PassAsync(TimeSpan.FromSeconds(7));

        (await curl.Main!.Exit).ShouldBe(0);
        (requests, curl.Stdout.Text).ShouldBe((3, "try 3;"));
        curl.Stderr.Text.ShouldBe("Warning: Problem: HTTP error. Will retry in 7 seconds. 5 retries left.\nWarning: Problem: HTTP error. Will retry in 7 seconds. 4 retries left.\n");
    }

    [Fact]
    public async Task Several_urls_use_one_connection_and_files_are_written()
    {
        Serve(context => AnswerAsync(context, $"{context.Request.Path}:{context.Connection.RemotePort};"));
        var ports = (await SilentAsync("10.244.1.5/a", "10.244.1.5/b")).Split(';')[..2].Select(part => part.Split(':')[1]).Distinct().ToList();
        ports.Count.ShouldBe(1);

        var curl = _lab.Create("curlimages/curl", _client, arguments: ["-s", "-O", "10.244.1.5/dir/page.html", "-o", "second", "10.244.1.5/b"]);
        (await curl.RunAsync()).ExitCode.ShouldBe(0);
        curl.Read("/home/curl_user/page.html").ShouldStartWith("/dir/page.html:");
        curl.Read("/home/curl_user/second").ShouldStartWith("/b:");
    }

    [Fact]
    public async Task The_tutorials_sidecar_fetches_the_welcome_page_over_localhost()
    {
        var nginx = _lab.Create("nginx", _server).Start();
        await nginx.Stderr.WaitForAsync("start worker processes");
        var sidecar = _lab.Create("curlimages/curl:latest", _server, command: ["sh", "-c", "while true; do curl localhost:80; sleep 300; done"]).Start();

        await sidecar.Stdout.WaitForAsync("</html>\n");
        sidecar.Stdout.Text.ShouldStartWith("<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n");
        var page = nginx.Read("/usr/share/nginx/html/index.html");
        var length = Encoding.UTF8.GetByteCount(page);
        sidecar.Stderr.Text.ShouldStartWith(MeterHeader + MeterStart + $"\r100 {length,5}  100 {length,5}    0     0 ");
        (await sidecar.ExecAsync("curl", "-s", "localhost:80")).Stdout.ShouldBe(page);
    }

    private void Serve(RequestDelegate handler, ushort port = 80)
    {
        var server = (SharedHttpServer)_lab.Services.GetService(typeof(SharedHttpServer))!;
        _serving.Add(server.ServeAsync(_server.ListenTcp(new SocketAddress(IpAddress.AnyV4, port)), handler, killed: _killed.Token));
    }

    private static Task AnswerAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        return context.Response.WriteAsync(text);
    }

    private Task<(int ExitCode, string Stdout, string Stderr)> CurlAsync(params string[] arguments) => _lab.Create("curlimages/curl", _client, arguments: arguments).RunAsync();

    private async Task<string> SilentAsync(params string[] arguments) => (await CurlAsync(["-s", .. arguments])).Stdout;

    private Task<(int ExitCode, string Stdout, string Stderr)> RunAsync(string option, string url, string hosts, string resolv) => _lab.Create(
        "curlimages/curl", _client, arguments: [option, url], files: new Dictionary<string, string> { ["/etc/hosts"] = hosts, ["/etc/resolv.conf"] = resolv }).RunAsync();

    private static async Task WaitForAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            limit.IsCancellationRequested.ShouldBeFalse($"never: {what}");
            await Task.Yield();
        }
    }
}
