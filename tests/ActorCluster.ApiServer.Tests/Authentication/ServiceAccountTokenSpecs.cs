using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ActorCluster.ApiServer.Tests.Authentication;

public class ServiceAccountTokenSpecs
{
    private const string Account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n";
    private const string Pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {serviceAccountName: robot, containers: [{name: c, image: nginx}]}\n";
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_token_says_whose_it_is_and_the_server_knows_its_user()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.Api.CreatedAsync("serviceaccounts", Account);
        var pod = await server.Api.CreatedAsync("pods", Pod);
        var answer = await TokenAsync(server.Api, Bound(pod));
        var token = answer.TextAt("status", "token")!;

        var claims = Claims(token);
        (claims.GetString("iss"), claims.GetString("sub")).ShouldBe(("https://kubernetes.default.svc.cluster.local", "system:serviceaccount:default:robot"));
        claims.GetStrings("aud").ShouldBe(["https://kubernetes.default.svc.cluster.local"]);
        (claims.GetInteger("exp") - claims.GetInteger("iat")).ShouldBe(3600);
        claims.GetObject("kubernetes.io").ShouldBeEquivalentToJson($$"""
            {"namespace":"default","serviceaccount":{"name":"robot","uid":"{{Uid(account)}}"},"pod":{"name":"web","uid":"{{Uid(pod)}}"} }
            """);
        answer.TextAt("status", "expirationTimestamp").ShouldBe(ObjectMetadata.FormatTime(DateTimeOffset.FromUnixTimeSeconds(claims.GetInteger("exp")!.Value)));

        using var client = Client(server, token);
        (await client.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var me = await PostAsync(client, "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}""");
        me.At("status", "userInfo").ShouldBeEquivalentToJson($$"""
            {
              "username": "system:serviceaccount:default:robot", "uid": "{{Uid(account)}}",
              "groups": ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
              "extra": {
                "authentication.kubernetes.io/credential-id": ["JTI={{claims.GetString("jti")}}"],
                "authentication.kubernetes.io/pod-name": ["web"], "authentication.kubernetes.io/pod-uid": ["{{Uid(pod)}}"]
              }
            }
            """);
    }

    [Fact]
    public async Task Others_can_check_a_token_by_what_the_issuer_tells()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("serviceaccounts", Account);
        var token = (await TokenAsync(server.Api)).TextAt("status", "token")!;
        using var client = Client(server, token);

        var configuration = (JsonObject)JsonNode.Parse(await client.GetStringAsync("/.well-known/openid-configuration"))!;
        configuration.ShouldBeEquivalentToJson("""
            {
              "issuer": "https://kubernetes.default.svc.cluster.local", "jwks_uri": "https://kubernetes.default.svc.cluster.local/openid/v1/jwks",
              "response_types_supported": ["id_token"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"]
            }
            """);
        using var answer = await client.GetAsync(new Uri(configuration.GetString("jwks_uri")!).AbsolutePath);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/jwk-set+json");
        answer.Headers.CacheControl!.ToString().ShouldBe("public, max-age=3600");
        var checks = new TokenValidationParameters
        {
            ValidIssuer = configuration.GetString("issuer"),
            ValidAudience = configuration.GetString("issuer"),
            IssuerSigningKeys = new JsonWebKeySet(await answer.Content.ReadAsStringAsync()).GetSigningKeys(),
            ValidateLifetime = false, // by the server's clock
        };
        (await new JsonWebTokenHandler().ValidateTokenAsync(token, checks)).IsValid.ShouldBeTrue();
        (await new JsonWebTokenHandler().ValidateTokenAsync(token[..^4] + (token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"), checks)).IsValid.ShouldBeFalse();
        using var nobody = server.NewClient(null);
        (await nobody.GetAsync("/openid/v1/jwks")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_is_good_until_it_expires_with_a_minute_of_leeway()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("serviceaccounts", Account);
        using var client = Client(server, (await TokenAsync(server.Api)).TextAt("status", "token")!);
        server.Api.Clock.Advance(TimeSpan.FromSeconds(3650));
        (await client.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Api.Clock.Advance(TimeSpan.FromSeconds(20));
        (await client.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_token_of_a_pods_volume_lives_a_year_though_it_is_renewed_each_hour()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("serviceaccounts", Account);
        var pod = await api.CreatedAsync("pods", Pod);
        var answer = await TokenAsync(api, $$"""{"expirationSeconds":3607,{{Bound(pod)[1..]}}""");
        var claims = Claims(answer.TextAt("status", "token")!);
        (claims.GetInteger("exp") - claims.GetInteger("iat")).ShouldBe(365 * 24 * 60 * 60);
        (claims.IntegerAt("kubernetes.io", "warnafter") - claims.GetInteger("iat")).ShouldBe(3607);
        answer.TextAt("status", "expirationTimestamp").ShouldBe(ObjectMetadata.FormatTime(TestApi.Start.AddSeconds(3607)));
    }

    [Fact]
    public async Task A_token_ends_with_its_pod_and_with_its_account()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("serviceaccounts", Account);
        var pod = await server.Api.CreatedAsync("pods", Pod);
        using var ofPod = Client(server, (await TokenAsync(server.Api, Bound(pod))).TextAt("status", "token")!);
        using var ofAccount = Client(server, (await TokenAsync(server.Api)).TextAt("status", "token")!);

        TestApi.Good(await server.Api.DeleteAsync("pods", "web"));
        (await ofPod.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await ofAccount.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.OK);

        TestApi.Good(await server.Api.DeleteAsync("serviceaccounts", "robot"));
        (await ofAccount.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await server.Api.CreatedAsync("serviceaccounts", Account); // another one of the same name
        (await ofAccount.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_this_cluster_did_not_sign_is_nobodys()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("serviceaccounts", Account);
        var token = (await TokenAsync(server.Api)).TextAt("status", "token")!;
        // A server with another key issues the same claims.
        var stranger = (await TokenAsync(server.Api, pipeline: server.Api.NewPipeline())).TextAt("status", "token")!;
        var parts = token.Split('.');
        var unsigned = $"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{parts[1]}.";
        var altered = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Claims(token).ToJsonString().Replace("robot", "admin", StringComparison.Ordinal)))}.{parts[2]}";
        foreach (var bad in (string[])[stranger, unsigned, altered, "nonsense", "a.b.c", ".."])
        {
            using var client = Client(server, bad);
            (await client.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, bad);
        }
    }

    [Fact]
    public async Task A_token_for_another_audience_is_none_for_the_API_and_a_review_tells_that_audience_whose_it_is()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("serviceaccounts", Account);
        var token = (await TokenAsync(server.Api, """{"audiences":["vault"]}""")).TextAt("status", "token")!;
        using var client = Client(server, token);
        (await client.GetAsync(Pods)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        var good = await ReviewAsync(server, token, """["vault","other"]""");
        (good.GetBoolean("authenticated"), good.TextAt("user", "username")).ShouldBe((true, "system:serviceaccount:default:robot"));
        good.GetStrings("audiences").ShouldBe(["vault"]);
        var bad = await ReviewAsync(server, token, "[]");
        (bad.Has("authenticated"), bad.GetString("error")).ShouldBe((false, "[invalid bearer token, token audiences is invalid for the target audiences]"));
    }

    [Fact]
    public async Task A_request_for_a_token_that_makes_no_sense_is_refused_as_upstream_words_it()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("serviceaccounts", Account);
        await api.CreatedAsync("serviceaccounts", Account.Replace("robot", "other", StringComparison.Ordinal));
        var pod = await api.CreatedAsync("pods", Pod);
        Message(await RequestAsync(api, """{"expirationSeconds":599}"""), 422).ShouldBe(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes");
        Message(await RequestAsync(api, "{}", "nobody"), 404).ShouldBe("serviceaccounts \"nobody\" not found");
        Message(await RequestAsync(api, Bound(pod), "other"), 400).ShouldBe("cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount name.");
        Message(await RequestAsync(api, """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"1"}}"""), 409).ShouldContain("the UID in the bound object reference (1) does not match the UID in record");
        Message(await RequestAsync(api, """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"gone"}}"""), 404).ShouldBe("pods \"gone\" not found");
        Message(await RequestAsync(api, """{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1","name":"x"}}"""), 400).ShouldBe("cannot bind token to object of type /v1, Kind=ConfigMap");
    }

    [Fact]
    public async Task Whoever_has_a_certificate_is_told_its_name()
    {
        await using var server = await TestServer.StartAsync();
        var me = await PostAsync(server.Client, "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}""");
        me.TextAt("status", "userInfo", "username").ShouldBe("kubernetes-admin");
        ((JsonObject)me.At("status", "userInfo")!).GetStrings("groups").ShouldBe(["system:masters", "system:authenticated"]);
        (await server.Client.GetAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Tokens_outlive_a_restart_because_the_key_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("actorcluster-keys-");
        try
        {
            await using var api = await TestApi.StartAsync();
            await api.CreatedAsync("serviceaccounts", Account);
            using var first = ServiceAccountKey.LoadOrCreate(folder.FullName);
            using var second = ServiceAccountKey.LoadOrCreate(folder.FullName);
            var token = (await TokenAsync(api, pipeline: api.NewPipeline(first))).TextAt("status", "token")!;
            (await api.NewPipeline(second).Tokens.CheckAsync(token, [ServiceAccountTokens.Issuer])).Identity.ShouldNotBeNull().User.ShouldBe("system:serviceaccount:default:robot");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Uid(JsonObject obj) => obj.TextAt("metadata", "uid")!;

    private static string Bound(JsonObject pod) => $$"""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"{{Uid(pod)}}"} }""";

    private static string Message(ApiResponse response, int code) => TestApi.Refused(response, code).GetString("message")!;

    private static async Task<JsonObject> TokenAsync(TestApi api, string spec = "{}", ApiPipeline? pipeline = null) => TestApi.Good(await RequestAsync(api, spec, pipeline: pipeline));

    private static Task<ApiResponse> RequestAsync(TestApi api, string spec, string account = "robot", ApiPipeline? pipeline = null) => (pipeline ?? api.Pipeline).SendAsync(new ApiRequest(
        ApiVerb.Create, new ResourceName("", "serviceaccounts"), "default", account, "token",
        Body: Encoding.UTF8.GetBytes($$"""{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{{spec}} }""")));

    private static JsonObject Claims(string token) => (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    private static HttpClient Client(TestServer server, string token)
    {
        var client = server.NewClient(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<JsonObject> ReviewAsync(TestServer server, string token, string audiences) => (await PostAsync(
        server.Client, "/apis/authentication.k8s.io/v1/tokenreviews",
        $$"""{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"{{token}}","audiences":{{audiences}} } }""")).GetObject("status")!;

    private static async Task<JsonObject> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Created, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }
}

file static class JsonComparison
{
    public static void ShouldBeEquivalentToJson(this JsonNode? actual, string expected) =>
        JsonNode.DeepEquals(actual, JsonNode.Parse(expected)).ShouldBeTrue($"{actual?.ToJsonString()}\nis not\n{expected}");
}
