using ActorCluster.Containers.Http;

namespace ActorCluster.Containers.Tests.Http;

public sealed class GrpcHealthTests
{
    [Theory]
    [InlineData("")]
    [InlineData("liveness")]
    public void A_request_names_its_service(string service) => GrpcHealth.ReadRequest(GrpcHealth.Request(service)).ShouldBe(service);

    [Fact]
    public void A_long_name_of_a_service_is_read_whole() => GrpcHealth.ReadRequest(GrpcHealth.Request(new string('x', 300))).ShouldBe(new string('x', 300));

    [Fact]
    public void Messages_are_those_that_protobuf_makes()
    {
        GrpcHealth.Request("ab").ShouldBe([0, 0, 0, 0, 4, 0x0a, 2, (byte)'a', (byte)'b']);
        GrpcHealth.Response(GrpcHealth.Serving).ShouldBe([0, 0, 0, 0, 2, 8, 1]);
        GrpcHealth.Response(0).ShouldBe([0, 0, 0, 0, 0]);
    }

    [Fact]
    public void Fields_that_nobody_knows_are_passed_over() =>
        GrpcHealth.ReadResponse([0, 0, 0, 0, 19, 0x12, 1, 65, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x08, 0x02]).ShouldBe(GrpcHealth.NotServing);

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 8, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 8 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x12, 9 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0f, 1 })]
    public void What_is_no_message_is_said_to_be_none(byte[] framed) => Should.Throw<InvalidDataException>(() => GrpcHealth.ReadResponse(framed));
}
