using ActorCluster.Nodes.Configuration;

namespace ActorCluster.Nodes.Tests.Configuration;

public class ExpansionTests
{
    [Theory]
    [InlineData("$(A)", "one")]
    [InlineData("x$(A)y$(B)z", "xoneytwoz")]
    [InlineData("$(C)", "$(C)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$one")]
    [InlineData("$A", "$A")]
    [InlineData("$(A", "$(A")]
    [InlineData("100$", "100$")]
    [InlineData("$$", "$")]
    [InlineData("$(A)$", "one$")]
    [InlineData("nothing", "nothing")]
    public void References_are_replaced_unknown_ones_stay_and_two_dollars_are_one(string text, string expected) =>
        Expansion.Expand(text, name => name switch { "A" => "one", "B" => "two", _ => null }).ShouldBe(expected);
}
