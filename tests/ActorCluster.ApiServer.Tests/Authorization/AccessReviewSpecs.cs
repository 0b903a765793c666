using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Authorization;

public class AccessReviewSpecs
{
    private const string Api = "/apis/authorization.k8s.io/v1";

    [Theory]
    [InlineData("selfsubjectaccessreviews", "SelfSubjectAccessReview", """{"resourceAttributes":{"verb":"delete","resource":"pods","namespace":"default"}}""")]
    [InlineData("selfsubjectaccessreviews", "SelfSubjectAccessReview", """{"nonResourceAttributes":{"verb":"get","path":"/healthz"}}""")]
    [InlineData("subjectaccessreviews", "SubjectAccessReview", """{"user":"jane","resourceAttributes":{"verb":"get","resource":"nodes"}}""")]
    [InlineData("namespaces/default/localsubjectaccessreviews", "LocalSubjectAccessReview", """{"groups":["devs"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""")]
    public async Task Whoever_is_known_may_do_everything(string path, string kind, string spec)
    {
        await using var server = await TestServer.StartAsync();
        var (code, answer) = await PostAsync(server, path, kind, spec);
        code.ShouldBe(HttpStatusCode.Created);
        answer.GetString("kind").ShouldBe(kind);
        answer.GetObject("status")!.ToJsonString().ShouldBe("""{"allowed":true}""");
        answer.GetObject("spec").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_rules_are_listed()
    {
        await using var server = await TestServer.StartAsync();
        var (_, answer) = await PostAsync(server, "selfsubjectrulesreviews", "SelfSubjectRulesReview", """{"namespace":"default"}""");
        answer.GetObject("status")!.ToJsonString().ShouldBe(
            """{"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}],"incomplete":false}""");
        (await PostAsync(server, "selfsubjectrulesreviews", "SelfSubjectRulesReview", "{}")).ShouldSatisfyAllConditions(
            refused => refused.Code.ShouldBe(HttpStatusCode.BadRequest), refused => refused.Answer.GetString("message").ShouldBe("no namespace on request"));
    }

    [Theory]
    [InlineData("selfsubjectaccessreviews", "SelfSubjectAccessReview", "{}",
        "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")]
    [InlineData("selfsubjectaccessreviews", "SelfSubjectAccessReview", """{"resourceAttributes":{"verb":"get"},"nonResourceAttributes":{"path":"/"}}""",
        """spec.nonResourceAttributes: Invalid value: {"path":"/"}: cannot be specified in combination with resourceAttributes""")]
    [InlineData("subjectaccessreviews", "SubjectAccessReview", """{"resourceAttributes":{"verb":"get"}}""",
        "spec.user: Invalid value: \"\": at least one of user or group must be specified")]
    [InlineData("namespaces/default/localsubjectaccessreviews", "LocalSubjectAccessReview", """{"user":"jane","resourceAttributes":{"verb":"get","namespace":"other"}}""",
        "spec.resourceAttributes.namespace: Invalid value: \"other\": must match metadata.namespace")]
    [InlineData("namespaces/default/localsubjectaccessreviews", "LocalSubjectAccessReview", """{"user":"jane","nonResourceAttributes":{"path":"/"}}""",
        """spec.nonResourceAttributes: Invalid value: {"path":"/"}: disallowed on this kind of request""")]
    public async Task A_question_that_makes_no_sense_is_refused(string path, string kind, string spec, string fault)
    {
        await using var server = await TestServer.StartAsync();
        var (code, answer) = await PostAsync(server, path, kind, spec);
        ((int)code).ShouldBe(422);
        answer.GetString("message").ShouldBe($"{kind}.authorization.k8s.io \"\" is invalid: {fault}");
    }

    [Theory]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io", HttpStatusCode.NotAcceptable)]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io, application/json", HttpStatusCode.Created)]
    public async Task An_answer_has_no_table(string accept, HttpStatusCode code)
    {
        await using var server = await TestServer.StartAsync();
        server.Client.DefaultRequestHeaders.Accept.ParseAdd(accept);
        (await PostAsync(server, "selfsubjectaccessreviews", "SelfSubjectAccessReview", """{"nonResourceAttributes":{"verb":"get","path":"/"}}""")).Code.ShouldBe(code);
    }

    private static async Task<(HttpStatusCode Code, JsonObject Answer)> PostAsync(TestServer server, string path, string kind, string spec)
    {
        using var content = new StringContent($$"""{"kind":"{{kind}}","apiVersion":"authorization.k8s.io/v1","spec":{{spec}} }""", Encoding.UTF8, "application/json");
        using var response = await server.Client.PostAsync($"{Api}/{path}", content);
        return (response.StatusCode, (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
