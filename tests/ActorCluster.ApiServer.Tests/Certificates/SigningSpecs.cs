using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Certificates;

/// <summary>Certificate signing requests from their creation to the certificate.</summary>
public class SigningSpecs
{
    private const string Requests = "certificatesigningrequests.certificates.k8s.io";
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private static readonly ApiRequestOptions Jane = new() { User = "jane", UserDetails = new RequestUser("7", ["devs", "system:authenticated"], [("scopes", "a"), ("scopes", "b")]) };

    [Fact]
    public async Task Who_asked_is_noted_whatever_the_request_says()
    {
        await using var api = await TestApi.StartAsync();
        var body = Request("mine", "CN=jane, O=devs", Client, ["client auth"]);
        body.Ensure("spec")["username"] = "root";
        body["status"] = new JsonObject { ["conditions"] = new JsonArray(Condition("Approved")) };

        var made = TestApi.Good(await CreateAsync(api, body, Jane));

        var spec = made.GetObject("spec")!;
        spec.GetString("username").ShouldBe("jane");
        spec.GetString("uid").ShouldBe("7");
        spec.GetStrings("groups").ShouldBe(["devs", "system:authenticated"]);
        (spec.At("extra") as JsonObject).GetStrings("scopes").ShouldBe(["a", "b"]);
        made["status"].ShouldBeNull();
    }

    [Fact]
    public async Task An_approved_request_gets_a_certificate_by_which_the_server_knows_its_owner()
    {
        await using var api = await TestApi.StartAsync();
        using var certificates = ClusterCertificates.CreateInMemory(api.Clock);
        await using var signer = CertificateSigner.Start(api.Pipeline, certificates.Authority, api.Simulation);
        using var key = RSA.Create(2048);
        TestApi.Good(await CreateAsync(api, Request("mine", "CN=jane, O=devs", Client, ["digital signature", "key encipherment", "client auth"], rsa: key, seconds: 3600), Jane));
        TestApi.Good(await ApproveAsync(api, "mine", "Approved"));

        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String((await IssuedAsync(api, "mine")).TextAt("status", "certificate")!)));

        var identity = new ClientCertificates(certificates.Authority, api.Clock).Identify(certificate).ShouldNotBeNull();
        identity.User.ShouldBe("jane");
        identity.Groups.ShouldBe(["devs"]);
        certificate.GetRSAPublicKey()!.ExportSubjectPublicKeyInfo().ShouldBe(key.ExportSubjectPublicKeyInfo());
        new DateTimeOffset(certificate.NotAfter).ShouldBe(TestApi.Start.AddHours(1));
        new DateTimeOffset(certificate.NotBefore).ShouldBe(TestApi.Start.AddMinutes(-5));
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
    }

    [Fact]
    public async Task A_kubelets_serving_certificate_has_the_names_that_were_asked_for()
    {
        await using var api = await TestApi.StartAsync();
        using var certificates = ClusterCertificates.CreateInMemory(api.Clock);
        await using var signer = CertificateSigner.Start(api.Pipeline, certificates.Authority, api.Simulation);
        TestApi.Good(await CreateAsync(api, Request("serving", "CN=system:node:worker-1, O=system:nodes", "kubernetes.io/kubelet-serving", ["digital signature", "server auth"], host: "worker-1")));
        TestApi.Good(await ApproveAsync(api, "serving", "Approved"));

        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String((await IssuedAsync(api, "serving")).TextAt("status", "certificate")!)));

        certificate.MatchesHostname("worker-1").ShouldBeTrue();
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value.ShouldBe("1.3.6.1.5.5.7.3.1");
    }

    [Theory]
    [InlineData("CN=jane", Client, "server auth", "invalid usage for client certificate: server auth")]
    [InlineData("CN=jane", Client, "digital signature", "missing required usage for client certificate: client auth")]
    [InlineData("CN=jane, O=system:nodes", "kubernetes.io/kube-apiserver-client-kubelet", "client auth", "subject common name does not begin with system:node: ")]
    [InlineData("CN=system:node:a", "kubernetes.io/kubelet-serving", "server auth", "subject organization is not system:nodes")]
    public async Task What_a_signer_does_not_sign_fails(string subject, string signer, string usage, string fault)
    {
        await using var api = await TestApi.StartAsync();
        using var certificates = ClusterCertificates.CreateInMemory(api.Clock);
        await using var running = CertificateSigner.Start(api.Pipeline, certificates.Authority, api.Simulation);
        TestApi.Good(await CreateAsync(api, Request("mine", subject, signer, [usage])));
        TestApi.Good(await ApproveAsync(api, "mine", "Approved"));

        var failed = (await IssuedAsync(api, "mine")).GetObject("status").GetObjects("conditions").Single(c => c.GetString("type") == "Failed");

        failed.GetString("reason").ShouldBe("SignerValidationFailure");
        failed.GetString("message").ShouldBe(fault);
    }

    [Fact]
    public async Task Only_approval_decides_and_only_the_status_issues()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Good(await CreateAsync(api, Request("mine", "CN=jane", "example.com/mine", ["client auth"])));
        TestApi.Refused(await PatchAsync(api, "mine", "status", Decision("Approved")), 422).GetString("message")!.ShouldContain("status.conditions: Forbidden: updates may not add a condition of type \"Approved\"");
        TestApi.Refused(await PatchAsync(api, "mine", "approval", Decision("Approved", "False")), 422).GetString("message")!.ShouldContain("status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\"");

        var approved = TestApi.Good(await ApproveAsync(api, "mine", "Approved"));

        var condition = approved.GetObject("status").GetObjects("conditions").Single();
        condition.GetString("lastUpdateTime").ShouldBe("2026-01-02T03:04:05Z");
        condition.GetString("lastTransitionTime").ShouldBe("2026-01-02T03:04:05Z");
        TestApi.Refused(await PatchAsync(api, "mine", "approval", """{"status":{"conditions":null}}"""), 422).GetString("message")!.ShouldContain("updates may not remove a condition of type \"Approved\"");
        var both = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition.DeepClone(), Condition("Denied")) } };
        TestApi.Refused(await PatchAsync(api, "mine", "approval", both.ToJsonString()), 422).GetString("message")!.ShouldContain("Approved and Denied conditions are mutually exclusive");
        TestApi.Refused(await PatchAsync(api, "mine", "status", """{"status":{"certificate":"bm9uZQ=="}}"""), 422).GetString("message")!.ShouldContain("must contain at least one CERTIFICATE PEM block");
        using var certificates = ClusterCertificates.CreateInMemory(api.Clock);
        var pem = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificates.Admin.ExportCertificatePem()));
        TestApi.Good(await PatchAsync(api, "mine", "status", $$$"""{"status":{"certificate":"{{{pem}}}"}}""")).TextAt("status", "certificate").ShouldBe(pem);
        TestApi.Refused(await PatchAsync(api, "mine", "status", """{"status":{"certificate":""}}"""), 422).GetString("message")!.ShouldContain("updates may not modify existing certificate content");
        TestApi.Good(await PatchAsync(api, "mine", "", """{"spec":{"username":"root"},"status":null}""")).TextAt("spec", "username").ShouldBe("system:apiserver");
    }

    [Fact]
    public async Task Nobody_asks_for_the_group_that_may_do_everything()
    {
        await using var api = await TestApi.StartAsync();

        TestApi.Refused(await CreateAsync(api, Request("mine", "CN=jane, O=system:masters", Client, ["client auth"])), 403).GetString("message")
            .ShouldBe("certificatesigningrequests.certificates.k8s.io \"mine\" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
    }

    [Fact]
    public async Task A_request_whose_signature_is_wrong_is_invalid()
    {
        await using var api = await TestApi.StartAsync();
        var body = Request("mine", "CN=jane", Client, ["client auth"]);
        var pem = Encoding.ASCII.GetString(Convert.FromBase64String(body.TextAt("spec", "request")!));
        var der = PemEncoding.Find(pem) is var fields ? Convert.FromBase64String(pem[fields.Base64Data]) : [];
        der[^1] ^= 1;
        body.Ensure("spec")["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE REQUEST", der)));

        TestApi.Refused(await CreateAsync(api, body), 422).GetString("message")!.ShouldContain("spec.request: Invalid value:");
    }

    private static JsonObject Request(string name, string subject, string signer, string[] usages, string? host = null, RSA? rsa = null, int? seconds = null)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsa is null
            ? new CertificateRequest(subject, own, HashAlgorithmName.SHA256)
            : new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        var spec = new JsonObject
        {
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.CreateSigningRequestPem())),
            ["signerName"] = signer,
            ["usages"] = JsonDocuments.ArrayOf(usages),
        };
        if (seconds is not null) spec["expirationSeconds"] = seconds;
        return new JsonObject { ["apiVersion"] = "certificates.k8s.io/v1", ["kind"] = "CertificateSigningRequest", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
    }

    private static JsonObject Condition(string type, string status = "True") => new() { ["type"] = type, ["status"] = status, ["reason"] = "Tested", ["message"] = "by a test" };

    private static string Decision(string type, string status = "True") => new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(Condition(type, status)) } }.ToJsonString();

    private static Task<ApiResponse> CreateAsync(TestApi api, JsonObject body, ApiRequestOptions? options = null) =>
        api.SendAsync(new ApiRequest(ApiVerb.Create, ResourceName.Parse(Requests), Body: TestApi.Bytes(body), Options: options));

    private static Task<ApiResponse> PatchAsync(TestApi api, string name, string subresource, string patch) => api.PatchAsync(Requests, name, patch, PatchType.Merge, subresource);

    private static Task<ApiResponse> ApproveAsync(TestApi api, string name, string type) => PatchAsync(api, name, "approval", Decision(type));

    /// <summary>The request when it has a certificate or has failed.</summary>
    private static async Task<JsonObject> IssuedAsync(TestApi api, string name)
    {
        await foreach (var change in api.Pipeline.WatchAsync(new WatchRequest(ResourceName.Parse(Requests), FieldSelector: $"metadata.name={name}")))
        {
            var request = (JsonObject)JsonNode.Parse(change.Object.Span)!;
            if (request.TextAt("status", "certificate") is { Length: > 0 } || request.GetObject("status").GetObjects("conditions").Any(c => c.GetString("type") == "Failed")) return request;
        }
        throw new InvalidOperationException("The watch has ended.");
    }
}
