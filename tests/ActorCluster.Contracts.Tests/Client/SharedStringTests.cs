using System.Text;
using System.Text.Json;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Contracts.Tests.Client;

public class SharedStringTests
{
    private static V1Pod Read(string json) => KubernetesDocument.Read<V1Pod>(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Equal_strings_of_two_objects_are_one_string()
    {
        const string json = """{"metadata":{"name":"a","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx:1.29"}]}}""";
        var (one, other) = (Read(json), Read(json));
        other.Spec.Containers[0].Image.ShouldBeSameAs(one.Spec.Containers[0].Image);
        other.Metadata.Labels.Keys.Single().ShouldBeSameAs(one.Metadata.Labels.Keys.Single());
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"gr\\u00fcn \\\"x\\\"\\n\"", "grün \"x\"\n")]
    [InlineData("\"grün\"", "grün")]
    public void Every_string_is_read_as_it_stands(string literal, string expected)
    {
        var pod = Read("{\"metadata\":{\"name\":" + literal + ",\"annotations\":{" + literal + ":" + literal + "}}}");
        pod.Metadata.Name.ShouldBe(expected);
        pod.Metadata.Annotations.ShouldHaveSingleItem().ShouldBe(new KeyValuePair<string, string>(expected, expected));
        Read(Encoding.UTF8.GetString(KubernetesDocument.Write(pod))).Metadata.Name.ShouldBe(expected);
    }

    [Fact]
    public void Null_stays_null_and_a_number_is_no_string()
    {
        Read("""{"metadata":{"name":null}}""").Metadata.Name.ShouldBeNull();
        Should.Throw<JsonException>(() => Read("""{"metadata":{"name":5}}"""));
    }
}
