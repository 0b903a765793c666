using ActorCluster.Contracts.Store;

namespace ActorCluster.Contracts.Tests;

public sealed class TextMapTests
{
    [Fact]
    public void Its_pairs_come_in_ordinal_order_and_are_found_by_their_names()
    {
        var map = TextMap.Of([new("b", "2"), new("B", "1"), new("a", "3")]);

        map.Keys.ShouldBe(["B", "a", "b"]);
        map["b"].ShouldBe("2");
        map.ContainsKey("c").ShouldBeFalse();
        Should.Throw<KeyNotFoundException>(() => map["c"]);
    }

    [Fact]
    public void A_name_comes_once()
    {
        Should.Throw<ArgumentException>(() => TextMap.Of([new("a", "1"), new("a", "2")]));
        Should.Throw<ArgumentException>(() => TextMap.Of([new("b", "1"), new("a", "1"), new("b", "2")]));
    }

    [Theory]
    [InlineData("a", "1", true)]
    [InlineData("a", "2", false)]
    [InlineData("b", "1", false)]
    public void Two_are_the_same_if_all_pairs_are(string name, string text, bool same)
    {
        var map = TextMap.Of([new(name, text)]);

        map.SameAs(TextMap.Of([new("a", "1")])).ShouldBe(same);
        map.SameAs(TextMap.Empty).ShouldBeFalse();
    }
}
