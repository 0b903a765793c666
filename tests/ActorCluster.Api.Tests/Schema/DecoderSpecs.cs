using System.Text;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Api.Tests.Schema;

public sealed class DecoderSpecs
{
    [Fact]
    public void All_unknown_and_duplicate_fields_are_named_at_once() => Decode("""
        {"kind":"Pod","bogus":1,"metadata":{"name":"a","name":"b","labels":{"x":"1","x":"2"}},
         "spec":{"containers":[{"name":"c","imagee":"i"},{"name":"d","image":"i","ports":[{"containerPort":1,"prot":"TCP"}],"image":"j"}],"extra":{"deep":[{"unseen":1}]}}}
        """).Faults.ShouldBe(
        [
            "unknown field \"bogus\"", "duplicate field \"metadata.name\"", "duplicate field \"metadata.labels.x\"", "unknown field \"spec.containers[0].imagee\"",
            "unknown field \"spec.containers[1].ports[0].prot\"", "duplicate field \"spec.containers[1].image\"", "unknown field \"spec.extra\"",
        ]);

    [Fact]
    public void Unknown_fields_are_left_out_and_the_last_of_duplicates_counts() =>
        Decode("""{"bogus":1,"metadata":{"name":"a","name":"b"}}""").Document.ToJsonString().ShouldBe("""{"metadata":{"name":"b"}}""");

    [Fact]
    public void A_thousand_faults_do_not_fill_the_answer()
    {
        var json = $"{{{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"f{i}\":{i}"))}}}";
        Decode(json).Faults.Count.ShouldBe(100);
    }

    [Fact]
    public void What_is_null_or_empty_is_absent_but_an_empty_object_is_not() =>
        Decode("""{"metadata":{"labels":{},"finalizers":[],"name":null},"spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":null}}""").Document.ToJsonString()
            .ShouldBe("""{"metadata":{},"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""");

    [Fact]
    public void Quantities_take_their_canonical_form() =>
        Decode("""{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":0.5,"memory":"1024Mi"}}}]}}""").Document.ToJsonString()
            .ShouldContain("""{"cpu":"500m","memory":"1Gi"}""");

    [Theory]
    [InlineData("""{"metadata":{"name":1}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string")]
    [InlineData("""{"spec":{"containers":{}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container")]
    [InlineData("""{"spec":{"hostNetwork":"yes"}}""", "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64")]
    [InlineData("""{"spec":{"containers":[{"ports":[{"containerPort":99999999999}]}]}}""", "json: cannot unmarshal number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32")]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"1Kb"}}}]}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"1ki"}}}]}}""", "unable to parse quantity's suffix")]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("{", "unexpected end of JSON input")]
    [InlineData("{}x", "invalid character 'x' looking for beginning of value")]
    public void What_has_another_type_is_refused_as_go_refuses_it(string json, string message) =>
        Should.Throw<DecodeException>(() => Decode(json)).Message.ShouldBe(message);

    [Fact]
    public void Too_deep_is_refused() =>
        Should.Throw<DecodeException>(() => DocumentDecoder.DecodeAny(Encoding.UTF8.GetBytes(new string('[', 5000)))).Message.ShouldBe("exceeded max depth");

    [Property(MaxTest = 500)]
    public void No_bytes_throw_anything_but_a_decode_error(byte[] choices) => ShouldReadOrRefuse(Encoding.UTF8.GetBytes(Texts.FromWords(
        ["{", "}", "[", "]", ",", ":", "\"metadata\"", "\"name\"", "\"spec\"", "\"containers\"", "\"cpu\"", "1", "-1.5e9", "true", "null", "\"", "\\u00", "\\ud800", "x", " "], choices)));

    [Property]
    public void Nor_do_arbitrary_bytes(byte[] bytes) => ShouldReadOrRefuse(bytes);

    private static DecodedDocument Decode(string json) => DocumentDecoder.Decode(Encoding.UTF8.GetBytes(json), ModelSchema.Of<V1Pod>());

    private static void ShouldReadOrRefuse(byte[] json)
    {
        try
        {
            DocumentDecoder.Decode(json, ModelSchema.Of<V1Pod>());
            DocumentDecoder.DecodeAny(json);
        }
        catch (DecodeException fault)
        {
            fault.Message.ShouldNotBeNullOrEmpty();
        }
    }
}
