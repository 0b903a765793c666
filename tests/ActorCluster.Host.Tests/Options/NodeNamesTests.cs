using ActorCluster.Host.Options;

namespace ActorCluster.Host.Tests.Options;

public sealed class NodeNamesTests
{
    [Theory]
    [InlineData(1, "n1")]
    [InlineData(6, "n1, n2, n3, n4, n5, n6")]
    [InlineData(7, "n1, n2, n3, n4, n5 and 2 more")]
    [InlineData(1000, "n1, n2, n3, n4, n5 and 995 more")]
    public void Many_nodes_are_named_in_short(int count, string text) =>
        NodeNames.Brief([.. Enumerable.Range(1, count).Select(n => $"n{n}")]).ShouldBe(text);
}
