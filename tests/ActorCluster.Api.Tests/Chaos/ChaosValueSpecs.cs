using ActorCluster.Api.Chaos;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Tests.Chaos;

public sealed class ChaosValueSpecs
{
    [Theory]
    [InlineData("1bps", 1)]
    [InlineData("1mbps", 1_000_000)]
    [InlineData(" 10 KBIT ", 1_250)]
    [InlineData("1 gbit", 125_000_000)]
    [InlineData("1bit", 1)]
    public void A_rate_is_bytes_a_second(string text, long bytes) => ChaosValues.Rate(text).ShouldBe(bytes);

    [Theory]
    [InlineData("1mb", "invalid unit")]
    [InlineData("somebps", "strconv.ParseUint: parsing \"some\": invalid syntax")]
    [InlineData("-1bps", "strconv.ParseUint: parsing \"-1\": invalid syntax")]
    public void A_wrong_rate_is_refused_in_the_originals_words(string text, string fault) =>
        Should.Throw<FormatException>(() => ChaosValues.Rate(text)).Message.ShouldBe(fault);

    [Theory]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2h45m", 9_900_000)]
    [InlineData("-300ms", -300)]
    [InlineData("0", 0)]
    public void Durations_are_Gos(string text, double milliseconds) => GoDurations.Parse(text).TotalMilliseconds.ShouldBe(milliseconds);

    [Theory]
    [InlineData("soon", "time: invalid duration \"soon\"")]
    [InlineData("5", "time: missing unit in duration \"5\"")]
    [InlineData("5d", "time: unknown unit \"d\" in duration \"5d\"")]
    public void A_wrong_duration_is_refused_in_Gos_words(string text, string fault) => Should.Throw<FormatException>(() => GoDurations.Parse(text)).Message.ShouldBe(fault);
}
