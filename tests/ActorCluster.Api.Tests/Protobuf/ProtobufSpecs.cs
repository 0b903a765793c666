using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Protobuf;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Tests.Protobuf;

public sealed class ProtobufSpecs
{
    public static TheoryData<string, string> Kinds()
    {
        var kinds = new TheoryData<string, string>();
        foreach (var definition in ResourceRegistry.BuiltIn().All.Where(d => d.Name.Group is not ("metrics.k8s.io" or "chaos-mesh.org")))
        {
            foreach (var version in definition.Versions) kinds.Add(ResourceDefinition.ApiVersion(definition.Name.Group, version.Name), definition.Kind);
        }
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_that_is_served_can_be_read(string apiVersion, string kind)
    {
        var document = Read(Envelope(apiVersion, kind, []));

        document.GetString("apiVersion").ShouldBe(apiVersion);
        document.GetString("kind").ShouldBe(kind);
    }

    [Fact]
    public void Lists_that_are_values_of_a_map_are_lists()
    {
        byte[] values = [10, 1, .. "a"u8, 10, 1, .. "b"u8];
        byte[] entry = [10, 1, .. "k"u8, 18, (byte)values.Length, .. values];
        byte[] spec = [50, (byte)entry.Length, .. entry];

        var document = Read(Envelope("certificates.k8s.io/v1", "CertificateSigningRequest", [18, (byte)spec.Length, .. spec]));

        (document.At("spec", "extra") as JsonObject).GetStrings("k").ShouldBe(["a", "b"]);
    }

    private static JsonObject Read(byte[] body) => (JsonObject)JsonNode.Parse(ProtobufDocuments.ToJson(body).Span)!;

    private static byte[] Envelope(string apiVersion, string kind, byte[] raw)
    {
        byte[] type = [10, (byte)apiVersion.Length, .. Encoding.ASCII.GetBytes(apiVersion), 18, (byte)kind.Length, .. Encoding.ASCII.GetBytes(kind)];
        return [.. "k8s\0"u8, 10, (byte)type.Length, .. type, 18, (byte)raw.Length, .. raw];
    }
}
