using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Tests.Programs;

public sealed class ApacheTests : IAsyncLifetime
{
    private const string Started = "AH00094: Command line: 'httpd -D FOREGROUND'\n";
    private readonly ProgramWorld _world = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task It_works()
    {
        var httpd = await StartAsync();
        httpd.Stderr.Text.ShouldBe(
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 10.244.1.5. Set the 'ServerName' directive globally to suppress this message\n" +
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 10.244.1.5. Set the 'ServerName' directive globally to suppress this message\n" +
            "[Mon Nov 23 09:00:00.000000 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations\n" +
            "[Mon Nov 23 09:00:00.000000 2026] [core:notice] [pid 1:tid 1] " + Started);

        (await CurlAsync("10.244.1.5")).ShouldBe("<html><body><h1>It works!</h1></body></html>\n");
        httpd.Stdout.Text.ShouldBe("10.244.2.7 - - [23/Nov/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 45\n");
        var head = await CurlAsync("-I", "10.244.1.5");
        head.ShouldContain("\r\nServer: Apache/2.4.65 (Unix)\r\n");
        head.ShouldContain("\r\nContent-Length: 45\r\n");
        head.ShouldContain("\r\nContent-Type: text/html\r\n");
        head.ShouldContain("\r\nETag: \"2d-");
        httpd.Stdout.Text.ShouldEndWith("\"HEAD / HTTP/1.1\" 200 -\n");
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_apaches_words()
    {
        var httpd = await StartAsync();

        (await CurlAsync("-w", "%{http_code} %{content_type}", "10.244.1.5/none")).ShouldBe(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n" +
            "<p>The requested URL was not found on this server.</p>\n</body></html>\n404 text/html; charset=iso-8859-1");
        (await CurlAsync("-X", "DELETE", "10.244.1.5/")).ShouldContain("<p>The requested method DELETE is not allowed for this URL.</p>");
        httpd.Stdout.Text.ShouldContain("\"GET /none HTTP/1.1\" 404 196\n");
    }

    [Fact]
    public async Task Folders_are_listed_and_files_sent_in_parts()
    {
        var httpd = await StartAsync();
        (await httpd.ExecAsync("sh", "-c", "mkdir htdocs/d; echo 0123456789 >htdocs/d/a.txt; echo x >htdocs/d/.hidden")).ExitCode.ShouldBe(0);

        (await CurlAsync("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "10.244.1.5/d")).ShouldBe("301 http://10.244.1.5/d/");
        var listed = await CurlAsync("10.244.1.5/d/");
        listed.ShouldContain("<title>Index of /d</title>");
        listed.ShouldContain("<li><a href=\"a.txt\"> a.txt</a></li>\n");
        listed.ShouldNotContain("hidden");
        (await CurlAsync("-r", "2-4", "-w", " %{http_code}", "10.244.1.5/d/a.txt")).ShouldBe("234 206");
    }

    [Fact]
    public async Task Its_configuration_says_where_it_listens_and_what_it_serves()
    {
        const string configuration = "Listen 8080\nServerName web.example\nDocumentRoot \"/srv/www\"\n<Directory \"/srv/www\">\n  Require all granted\n</Directory>\nDirectoryIndex home.html\nServerTokens Prod\n";
        var httpd = _world.Lab.Create(
            "docker.io/library/httpd:2.4-alpine", _world.Server,
            files: new Dictionary<string, string> { ["/usr/local/apache2/conf/httpd.conf"] = configuration, ["/srv/www/home.html"] = "home" }).Start();
        await httpd.Stderr.WaitForAsync(Started);
        httpd.Stderr.Text.ShouldNotContain("AH00558");

        (await CurlAsync("-i", "10.244.1.5:8080")).ShouldContain("\r\nServer: Apache\r\n");
        (await CurlAsync("10.244.1.5:8080")).ShouldBe("home");
        httpd.Write("/usr/local/apache2/conf/httpd.conf", configuration.Replace("home.html", "none.html", StringComparison.Ordinal));
        httpd.Main!.Signal(10);
        await httpd.Stderr.WaitForAsync("AH00493: SIGUSR1 received.  Doing graceful restart\n");
        await ProgramWorld.UntilAsync(() => httpd.Stderr.Text.Split(Started).Length == 3, "it has restarted");
        (await CurlAsync("10.244.1.5:8080")).ShouldContain("Index of /");
    }

    [Fact]
    public async Task A_faulty_configuration_and_a_taken_port_end_it()
    {
        await using var taken = _world.Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 80));
        var (code, _, stderr) = await _world.Lab.Create("httpd", _world.Server).RunAsync();
        code.ShouldBe(1);
        stderr.ShouldEndWith("(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n");

        (await _world.Lab.Create("httpd", _world.Client, files: new Dictionary<string, string> { ["/usr/local/apache2/conf/httpd.conf"] = "Listen 80\n\nProxyPass / http://x/\n" }).RunAsync()).ShouldBe((
            1, "",
            "AH00526: Syntax error on line 3 of /usr/local/apache2/conf/httpd.conf:\n" +
            "Invalid command 'ProxyPass', perhaps misspelled or defined by a module not included in the server configuration\n"));
    }

    [Theory]
    [InlineData(15, "AH00491: caught SIGTERM, shutting down\n")]
    [InlineData(28, "AH00492: caught SIGWINCH, shutting down gracefully\n")]
    public async Task Signals_end_it(int signal, string words)
    {
        var httpd = await StartAsync();
        httpd.Inner.Signal(signal);
        (await httpd.Main!.Exit).ShouldBe(0);
        httpd.Stderr.Text.ShouldEndWith(words);
    }

    private async Task<TestContainer> StartAsync()
    {
        var httpd = _world.Lab.Create("httpd:2.4", _world.Server).Start();
        await httpd.Stderr.WaitForAsync(Started);
        return httpd;
    }

    private async Task<string> CurlAsync(params string[] arguments) => (await _world.RunAsync("curlimages/curl", ["curl", "-s", .. arguments])).Stdout;
}
