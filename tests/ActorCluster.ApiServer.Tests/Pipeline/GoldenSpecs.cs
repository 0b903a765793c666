using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>
/// Golden/create: a manifest each, and beside it the server's whole answer to its creation, object or Status. With GOLDEN_OUTPUT set
/// to the folder of the sources the answers are written instead of compared, to be read before they are committed.
/// </summary>
public partial class GoldenSpecs
{
    private static readonly JsonSerializerOptions Indented = new(JsonDocuments.CompactJson) { WriteIndented = true };

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden", "create");

    public static TheoryData<string> Cases() => new(Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_manifest_gets_the_answer_that_is_recorded(string name)
    {
        await using var api = await TestApi.StartAsync();
        var body = YamlDocuments.ToJson(await File.ReadAllTextAsync(Path.Combine(Folder, name + ".yaml")));
        var manifest = (JsonObject)JsonNode.Parse(body.Span)!;
        var version = manifest.GetString("apiVersion")!;
        var definition = ResourceRegistry.BuiltIn().FindKind(version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "", manifest.GetString("kind")!)!;

        var answer = await api.SendAsync(new ApiRequest(
            ApiVerb.Create, definition.Name, definition.Namespaced ? "default" : "", Body: body, Options: new ApiRequestOptions { FieldValidation = "Strict" }));

        var actual = JsonNode.Parse(answer.Body.Span)!.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("GOLDEN_OUTPUT") is { Length: > 0 } output)
        {
            await File.WriteAllTextAsync(Path.Combine(output, "create", name + ".json"), actual);
            return;
        }
        WithoutCounters(actual).ShouldBe(WithoutCounters(await File.ReadAllTextAsync(Path.Combine(Folder, name + ".json"))));
    }

    /// <summary>Which revision and which random uid it is depends on how many objects the server makes before: that they are there is what counts.</summary>
    private static string WithoutCounters(string json) =>
        Revision().Replace(Uid().Replace(json, "a uid"), "\"resourceVersion\": \"a revision\"");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex("\"resourceVersion\": \"[1-9][0-9]*\"")]
    private static partial Regex Revision();
}
