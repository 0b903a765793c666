using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>agnhost's commands that speak with the API or with each other.</summary>
public sealed class AgnHostApiTests : IAsyncLifetime
{
    private const string Image = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";
    private const string Issuer = "https://10.244.1.5";
    private readonly ProgramWorld _world = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly List<Task> _serving = [];
    private readonly List<string> _asked = [];

    public AgnHostApiTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Parse("10.244.1.5"));
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build(), new X509BasicConstraintsExtension(true, false, 0, true) } };
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public Task InitializeAsync()
    {
        _serving.Add(_world.Lab.Services.GetRequiredService<SharedHttpServer>().ServeAsync(
            _world.Server.ListenTcp(new SocketAddress(IpAddress.AnyV4, 443)), AnswerAsync, new HttpServeOptions { Certificate = _certificate }, killed: _killed.Token));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _killed.CancelAsync();
        await Task.WhenAll(_serving);
        await _world.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
        _killed.Dispose();
    }

    [Fact]
    public async Task A_token_is_checked_by_what_its_issuer_publishes()
    {
        var result = await DiscoverAsync(Token("""{"iss":"https://10.244.1.5","aud":["oidc-discovery-test"],"exp":4000000000,"sub":"system:serviceaccount:default:default"}"""));
        result.ExitCode.ShouldBe(0, result.Stderr);
        foreach (var line in new[] { "OK: Got token\n", "OK: got issuer https://10.244.1.5\n", "OK: Constructed OIDC provider for issuer https://10.244.1.5\n", "OK: Validated signature on JWT\n", "OK: Got valid claims from token!\n" })
            result.Stderr.ShouldContain(line);
    }

    [Theory]
    [InlineData("""{"iss":"https://10.244.1.5","aud":"other","exp":4000000000}""", "oidc: expected audience \"oidc-discovery-test\" got [\"other\"]")]
    [InlineData("""{"iss":"https://10.244.1.5","aud":"oidc-discovery-test","exp":1000000000}""", "oidc: token is expired (Token Expiry: 2001-09-09 01:46:40 +0000 UTC)")]
    [InlineData("""{"iss":"https://10.244.1.5/","aud":"oidc-discovery-test","exp":4000000000}""", "oidc: issuer did not match the issuer returned by provider, expected \"https://10.244.1.5/\" got \"https://10.244.1.5\"")]
    public async Task A_token_that_is_none_for_us_is_refused_with_the_reason(string claims, string reason)
    {
        var result = await DiscoverAsync(Token(claims));
        result.ExitCode.ShouldBe(1);
        result.Stderr.ShouldContain($"failed to validate with in-cluster discovery: {reason}\n");
        // From outside, nobody vouches for the cluster's certificate.
        result.Stderr.ShouldEndWith("tls: failed to verify certificate: x509: certificate signed by unknown authority\n");
    }

    [Fact]
    public async Task A_token_that_was_changed_is_refused()
    {
        var parts = Token("""{"iss":"https://10.244.1.5","aud":"oidc-discovery-test","exp":4000000000}""").Split('.');
        var result = await DiscoverAsync($"{parts[0]}.{Encode("""{"iss":"https://10.244.1.5","aud":"oidc-discovery-test","exp":4000000001}""")}.{parts[2]}");
        result.Stderr.ShouldContain("failed to verify signature: ");
        result.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task The_in_cluster_client_asks_for_the_APIs_health_and_tells_tokens_apart()
    {
        var client = _world.Lab.Create(Image, _world.Client, arguments: ["inclusterclient", "--poll-interval", "5"], environment: Environment, files: Credentials("one")).Start();
        await client.Stderr.WaitForAsync("started");
        await _world.Clock.PassAsync(TimeSpan.FromSeconds(5));
        await client.Stderr.WaitForAsync("authz_header=");
        await ProgramWorld.UntilAsync(
            () =>
            {
                lock (_asked) return _asked.Contains("/healthz");
            },
            "it asks");
        client.Stderr.Text.ShouldContain("main.go:61] calling /healthz\n");
        var hash = Base64Url.EncodeToString(SHA256.HashData("salt|Bearer one"u8));
        client.Stderr.Text.ShouldContain($"authz_header={hash}\n");
        client.Stderr.Text.ShouldNotContain("status=failed");
    }

    [Fact]
    public async Task Pods_find_out_whether_others_see_them_by_their_own_address()
    {
        Dictionary<string, string> Pod(string address) => new() { ["POD_IP"] = address, ["NODE_IP"] = "172.18.0.2" };
        _world.Lab.Create(Image, _world.Server, arguments: ["no-snat-test"], environment: Pod("10.244.1.5")).Start();
        _world.Lab.Create(Image, _world.Client, arguments: ["no-snat-test", "--port", "8080"], environment: Pod("10.244.2.7")).Start();
        var proxy = _world.Lab.Create(Image, _world.Client, arguments: ["no-snat-test-proxy"]).Start();
        await ProgramWorld.UntilAsync(() => _world.Client.ListSockets().Count(socket => socket.Local.Port is 8080 or 31235) == 2 && _world.Server.ListSockets().Any(socket => socket.Local.Port == 8080), "all listen");

        (await proxy.ExecAsync("curl", "-s", "-w", "%{http_code}", "localhost:31235/checknosnat?target=10.244.2.7:8080&ips=10.244.1.5:8080")).Stdout.ShouldBe("200");
        (await proxy.ExecAsync("curl", "-s", "-w", " %{http_code}", "localhost:31235/checknosnat?target=10.244.1.5:8080&ips=10.244.2.7:99")).Stdout
            .ShouldBe("Get \"http://10.244.2.7:99/whoami\": dial tcp 10.244.2.7:99: connect: connection refused 500");
        (await _world.Lab.Create(Image, _world.Client, arguments: ["no-snat-test"]).RunAsync()).ShouldBe((1, "", "POD_IP env var was not present in the environment\n"));
    }

    [Fact]
    public async Task Wrong_addresses_are_told_from_the_nodes()
    {
        _world.Lab.Create(Image, _world.Server, arguments: ["no-snat-test"], environment: new Dictionary<string, string> { ["POD_IP"] = "10.244.9.9", ["NODE_IP"] = "10.244.1.5" }).Start();
        await ProgramWorld.UntilAsync(() => _world.Server.ListSockets().Any(socket => socket.Local.Port == 8080), "it listens");
        (await _world.RunAsync("curlimages/curl", "curl", "-s", "10.244.1.5:8080/checknosnat?ips=10.244.1.5:8080"))
            .Stdout.ShouldBe("Returned ip \"10.244.1.5\" != my Pod ip \"10.244.9.9\", == my Node ip \"10.244.1.5\" - SNAT");
    }

    private static Dictionary<string, string> Environment => new() { ["KUBERNETES_SERVICE_HOST"] = "10.244.1.5", ["KUBERNETES_SERVICE_PORT"] = "443" };

    private Dictionary<string, string> Credentials(string token) => new()
    {
        ["/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"] = _certificate.ExportCertificatePem(),
        ["/var/run/secrets/kubernetes.io/serviceaccount/token"] = token,
    };

    private Task<(int ExitCode, string Stdout, string Stderr)> DiscoverAsync(string token) => _world.Lab.Create(
        Image, _world.Client, arguments: ["test-service-account-issuer-discovery", "--token-path", "/var/run/secrets/kubernetes.io/serviceaccount/token", "--audience", "oidc-discovery-test"],
        environment: Environment, files: Credentials(token)).RunAsync();

    private Task AnswerAsync(HttpContext http)
    {
        lock (_asked) _asked.Add(http.Request.Path.Value!);
        var parameters = _key.ExportParameters(false);
        return http.Response.WriteAsync(http.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => $$"""{"issuer":"{{Issuer}}","jwks_uri":"{{Issuer}}/openid/v1/jwks"}""",
            "/openid/v1/jwks" => $$"""{"keys":[{"kty":"RSA","kid":"k","alg":"RS256","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}]}""",
            _ => "ok",
        });
    }

    private string Token(string claims)
    {
        var signed = $"{Encode("""{"alg":"RS256","kid":"k"}""")}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
