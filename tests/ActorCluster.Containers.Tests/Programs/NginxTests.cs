using System.Net.Http.Headers;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Stack;
using HttpStatusCode = System.Net.HttpStatusCode;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class NginxTests : IAsyncLifetime, IDisposable
{
    private const string Started = "start worker processes";
    private readonly TestNetwork _wire = new();
    private readonly NetworkNamespace _network;
    private readonly NetworkNamespace _peer;
    private TestLab _lab = null!;
    private HttpClient _client = null!;

    public NginxTests() => (_network, _peer) = (_wire.Add("10.244.1.5"), _wire.Add("10.244.2.7"));

    public Task InitializeAsync()
    {
        _lab = new TestLab();
        _client = new HttpClient(SimulatedHttpClientFactory.CreateHandler(
            _peer, (name, _) => Task.FromResult<IReadOnlyList<IpAddress>>(IpAddress.TryParse(name, out var address) ? [address] : [IpAddress.Parse("10.244.1.5")])));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        await _wire.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task The_welcome_page_comes_with_nginxs_headers()
    {
        await StartAsync();
        using var response = await _client.GetAsync("http://10.244.1.5/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain("<h1>Welcome to nginx!</h1>");
        response.Headers.Server.ToString().ShouldStartWith("nginx/1.");
        response.Headers.Connection.ToString().ShouldBe("keep-alive");
        response.Headers.AcceptRanges.ToString().ShouldBe("bytes");
        response.Headers.ETag!.Tag.ShouldMatch("^\"[0-9a-f]+-[0-9a-f]+\"$");
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/html");
        response.Content.Headers.LastModified.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_access_is_logged_in_the_main_format_before_the_answer_is_complete()
    {
        var nginx = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://10.244.1.5/index.html?x=1");
        request.Headers.UserAgent.ParseAdd("curl/8.17.0");
        using var response = await _client.SendAsync(request);
        var length = response.Content.Headers.ContentLength;

        nginx.Stdout.Text.ShouldMatch($"""10\.244\.2\.7 - - \[\d\d/\w+/\d\d\d\d:\d\d:\d\d:\d\d \+0000\] "GET /index\.html\?x=1 HTTP/1\.1" 200 {length} "-" "curl/8\.17\.0" "-"\n$""");
    }

    [Fact]
    public async Task What_is_written_while_it_runs_is_served()
    {
        var nginx = await StartAsync();
        nginx.Write("/usr/share/nginx/html/index.html", "hello\n");
        nginx.Write("/usr/share/nginx/html/data.json", "{}");

        (await _client.GetStringAsync("http://10.244.1.5/")).ShouldBe("hello\n");
        using var json = await _client.GetAsync("http://10.244.1.5/data.json");
        json.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    public async Task A_missing_file_is_a_404_with_its_short_page_and_a_line_in_the_error_log()
    {
        var nginx = await StartAsync();
        using var response = await _client.GetAsync("http://10.244.1.5/nothing");

               response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var page = await response.Content.ReadAsStringAsync();
        page.ShouldStartWith("<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/");
        nginx.Stderr.Text.ShouldMatch(
            """\[error\] 1#1: \*\d+ open\(\) "/usr/share/nginx/html/nothing" failed \(2: No such file or directory\), client: 10\.244\.2\.7, server: localhost, request: "GET /nothing HTTP/1\.1", host: "10\.244\.1\.5"\n$""");
    }

    [Fact]
    public async Task Methods_conditions_ranges_and_directories_are_answered_as_nginx_does()
    {
        var nginx = await StartAsync();
        nginx.Inner.Files.CreateDirectory("/usr/share/nginx/html/empty");
        nginx.Write("/usr/share/nginx/html/digits.txt", "0123456789");

        (await StatusAsync(HttpMethod.Post, "/digits.txt")).ShouldBe((405, "Not Allowed"));
        (await StatusAsync(HttpMethod.Delete, "/digits.txt")).ShouldBe((405, "Not Allowed"));
        (await StatusAsync(HttpMethod.Get, "/empty/")).ShouldBe((403, "Forbidden"));
        using (var redirect = await _client.GetAsync("http://10.244.1.5/empty"))
        {
            redirect.StatusCode.ShouldBe(HttpStatusCode.MovedPermanently);
            redirect.Headers.Location!.ToString().ShouldBe("http://10.244.1.5/empty/");
        }
        using var whole = await _client.GetAsync("http://10.244.1.5/digits.txt");
        using var part = await _client.SendAsync(Request(r => r.Range = new RangeHeaderValue(2, 4)));
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange!.ToString().ShouldBe("bytes 2-4/10");
        (await part.Content.ReadAsStringAsync()).ShouldBe("234");
        using var tail = await _client.SendAsync(Request(r => r.Range = new RangeHeaderValue(null, 3)));
        (await tail.Content.ReadAsStringAsync()).ShouldBe("789");
        using var beyond = await _client.SendAsync(Request(r => r.Range = new RangeHeaderValue(10, null)));
        ((int)beyond.StatusCode).ShouldBe(416);
        beyond.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */10");
        using var unchanged = await _client.SendAsync(Request(r => r.IfNoneMatch.Add(whole.Headers.ETag!)));
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var since = await _client.SendAsync(Request(r => r.IfModifiedSince = whole.Content.Headers.LastModified));
        since.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "http://10.244.1.5/digits.txt"));
        head.Content.Headers.ContentLength.ShouldBe(10);

        static HttpRequestMessage Request(Action<HttpRequestHeaders> set)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "http://10.244.1.5/digits.txt");
            set(request.Headers);
            return request;
        }
    }

    [Fact]
    public async Task Its_own_configuration_is_read()
    {
        await StartAsync("""
            server {
                listen 80 default_server;
                server_name _;
                default_type text/plain;
                location = /health { access_log off; return 200 "ok $http_x_who $request_method\n"; }
                location ~ ^/user/(?<name>\w+)\.html$ { return 200 "user $name $1"; }
                location ^~ /raw/ { return 200 raw; }
                location ~* \.PNG$ { return 204; }
                location /old { return 301 /new; }
                location /go { return http://elsewhere/$uri; }
                location /secret { deny 10.0.0.0/8; allow all; }
                location /teapot { error_page 418 = @tea; return 418; }
                location @tea { add_header X-Tea green always; return 201 tea; }
                location /status { stub_status; }
                location /list/ { alias /etc/nginx/; autoindex on; }
                location /spa/ { root /usr/share/nginx/html; try_files $uri $uri/ /index.html; }
                location / { root /usr/share/nginx/html; error_page 404 =200 /50x.html; }
            }
            server {
                listen 80;
                server_name other.example *.wild.example;
                location / { return 200 "server $server_name host $host"; }
            }
            """);

        (await TextAsync("/health")).ShouldBe("ok me GET\n");
        (await TextAsync("/user/ann.html")).ShouldBe("user ann ann");
        (await TextAsync("/raw/x.png")).ShouldBe("raw");
        (await StatusAsync(HttpMethod.Get, "/x.png")).Status.ShouldBe(204);
        (await LocationAsync("/old")).ShouldBe("http://10.244.1.5/new");
        (await LocationAsync("/go")).ShouldBe("http://elsewhere//go");
        (await StatusAsync(HttpMethod.Get, "/secret")).Status.ShouldBe(403);
        using var tea = await _client.GetAsync("http://10.244.1.5/teapot");
        (tea.StatusCode, tea.Headers.GetValues("X-Tea").Single()).ShouldBe((HttpStatusCode.Created, "green"));
        (await TextAsync("/status")).ShouldMatch("^Active connections: 1 \nserver accepts handled requests\n 1 1 \\d+ \nReading: 0 Writing: 1 Waiting: 0 \n$");
        (await TextAsync("/list/")).ShouldContain("<a href=\"nginx.conf\">nginx.conf</a>");
        (await TextAsync("/spa/deep/link")).ShouldContain("Welcome to nginx!");
        (await TextAsync("/missing")).ShouldContain("Something went wrong.");
        (await TextAsync("/", "other.example")).ShouldBe("server other.example host other.example");
        (await TextAsync("/", "a.wild.example")).ShouldBe("server other.example host a.wild.example");
    }

    [Fact]
    public async Task A_proxy_spreads_requests_over_its_upstream_and_passes_by_peers_that_fail()
    {
        await StartAsync("""
            upstream backend { server 10.244.1.5:8001; server 10.244.1.5:8002; server 10.244.1.5:8003; }
            server { listen 8001; location / { return 200 "one $request_uri $http_host $http_x_real_ip"; } }
            server { listen 8002; location / { return 200 "two $request_uri $http_host $http_x_real_ip"; } }
            server {
                listen 80;
                location / { proxy_pass http://backend; proxy_set_header X-Real-IP $remote_addr; }
                location /api/ { proxy_pass http://10.244.1.5:8001/v1/; proxy_set_header Host $host; }
                location /down { proxy_pass http://10.244.1.5:8999; }
                location /late/ { set $target 10.244.1.5:8002; proxy_pass http://$target; }
            }
            """);

        var answers = new List<string>();
        for (var i = 0; i < 6; i++) answers.Add(await TextAsync("/a%20b?c=d"));
        answers.Count(answer => answer == "one /a%20b?c=d backend 10.244.2.7").ShouldBe(3);
        answers.Count(answer => answer == "two /a%20b?c=d backend 10.244.2.7").ShouldBe(3);
        (await TextAsync("/api/carts?x")).ShouldBe("one /v1/carts?x 10.244.1.5 ");
        (await TextAsync("/late/x")).ShouldStartWith("two /late/x");
        (await StatusAsync(HttpMethod.Get, "/down")).ShouldBe((502, "Bad Gateway"));
    }

    [Theory]
    [InlineData("server { foo bar; }", "unknown directive \"foo\" in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server {\n listen 80\n}", "unexpected \"}\" in /etc/nginx/conf.d/default.conf:3")]
    [InlineData("server { listen 80;", "unexpected end of file, expecting \"}\" in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("listen 80;", "\"listen\" directive is not allowed here in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server { root; }", "invalid number of arguments in \"root\" directive in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server { listen 80 }", "unexpected \"}\" in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server { location / { return 200 $nope; } }", "unknown \"nope\" variable in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server { location / { proxy_pass http://nowhere.invalid; } }", "host not found in upstream \"nowhere.invalid\" in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("include missing.conf;", "open() \"/etc/nginx/missing.conf\" failed (2: No such file or directory) in /etc/nginx/conf.d/default.conf:1")]
    [InlineData("server { listen 99999; }", "invalid port in \"99999\" of the \"listen\" directive in /etc/nginx/conf.d/default.conf:1")]
    public async Task A_faulty_configuration_ends_it_with_nginxs_own_message(string configuration, string message)
    {
        var nginx = Create(configuration, environmentHosts: true);
        var (code, _, errors) = await nginx.RunAsync();

        code.ShouldBe(1);
        errors.ShouldEndWith($"nginx: [emerg] {message}\n");
        errors.ShouldContain($" [emerg] 1#1: {message}\n");
    }

    [Fact]
    public async Task A_taken_port_is_tried_five_times_and_then_given_up()
    {
        await StartAsync();
        var clock = new ObservedClock();
        await using var lab = new TestLab(clock: clock);
        var second = lab.Create("nginx", _network).Start();
        for (var i = 1; i < 5; i++) await clock.PassAsync(TimeSpan.FromMilliseconds(500));

        (await second.Main!.Exit).ShouldBe(1);
        second.Stderr.Text.Split("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n").Length.ShouldBe(6);
        second.Stderr.Text.Split("nginx: [emerg] bind() to [::]:80 failed (98: Address already in use)\n").Length.ShouldBe(6);
        second.Stderr.Text.ShouldEndWith("[emerg] 1#1: still could not bind()\nnginx: [emerg] still could not bind()\n");
    }

    [Fact]
    public async Task A_reload_takes_the_new_configuration_and_a_quit_ends_it()
    {
        var nginx = await StartAsync("server { listen 80; location / { return 200 old; } }");
        (await TextAsync("/")).ShouldBe("old");
        nginx.Write("/etc/nginx/conf.d/default.conf", "server { listen 80; listen 81; location / { return 200 new; } }");

        (await nginx.ExecAsync("nginx", "-s", "reload")).ExitCode.ShouldBe(0);
        await nginx.Stderr.WaitForAsync("reconfiguring");
        string text;
        do text = await TextAsync("/");
        while (text == "old");
        text.ShouldBe("new");
        (await _client.GetStringAsync("http://10.244.1.5:81/")).ShouldBe("new");

        nginx.Inner.Signal(3);
        (await nginx.Main!.Exit).ShouldBe(0);
        await Should.ThrowAsync<HttpRequestException>(_client.GetStringAsync("http://10.244.1.5/"));
        nginx.Stderr.Text.ShouldEndWith("[notice] 1#1: exit\n");
    }

    [Fact]
    public async Task A_killed_nginx_frees_its_port()
    {
        var nginx = await StartAsync();
        await nginx.DisposeAsync();
        await nginx.Main!.Exit;

        await StartAsync("server { listen 80; location / { return 200 successor; } }");
        (await TextAsync("/")).ShouldBe("successor");
    }

    [Fact]
    public async Task Templates_get_the_environments_variables()
    {
        var nginx = _lab.Create(
            "nginx", _network,
            files: new Dictionary<string, string> { ["/etc/nginx/templates/default.conf.template"] = "server { listen ${PORT}; location / { return 200 \"$uri ${GREETING}\"; } }" },
            environment: new Dictionary<string, string> { ["PORT"] = "8088", ["GREETING"] = "hi" }).Start();
        await nginx.Stderr.WaitForAsync(Started);

        (await _client.GetStringAsync("http://10.244.1.5:8088/x")).ShouldBe("/x hi");
        nginx.Stdout.Text.ShouldContain("/docker-entrypoint.sh: Configuration complete; ready for start up\n");
    }

    [Fact]
    public async Task The_unprivileged_image_listens_on_8080()
    {
        var nginx = _lab.Create("nginxinc/nginx-unprivileged:1.29", _network).Start();
        await nginx.Stderr.WaitForAsync(Started);
        (await _client.GetStringAsync("http://10.244.1.5:8080/")).ShouldContain("Welcome to nginx!");
    }

    private TestContainer Create(string? configuration, bool environmentHosts = false) => _lab.Create(
        "nginx:latest", _network,
        files: configuration is null ? null : new Dictionary<string, string>
        {
            ["/etc/nginx/conf.d/default.conf"] = configuration,
            ["/etc/resolv.conf"] = environmentHosts ? "" : "nameserver 10.96.0.10\n",
        });

    private async Task<TestContainer> StartAsync(string? configuration = null)
    {
        var nginx = Create(configuration).Start();
        await Task.WhenAny(nginx.Stderr.WaitForAsync(Started), nginx.Main!.Exit);
        nginx.Stderr.Text.ShouldContain(Started);
        return nginx;
    }

    private async Task<string> TextAsync(string path, string? host = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://10.244.1.5{path}");
        request.Headers.Add("X-Who", "me");
        if (host is not null) request.Headers.Host = host;
        using var response = await _client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<(int Status, string? Reason)> StatusAsync(HttpMethod method, string path)
    {
        using var response = await _client.SendAsync(new HttpRequestMessage(method, $"http://10.244.1.5{path}"));
        return ((int)response.StatusCode, response.ReasonPhrase);
    }

    private async Task<string> LocationAsync(string path)
    {
        using var response = await _client.GetAsync($"http://10.244.1.5{path}");
        return response.Headers.Location!.OriginalString;
    }
}
