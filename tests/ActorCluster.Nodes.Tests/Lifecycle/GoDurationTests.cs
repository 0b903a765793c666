using ActorCluster.Nodes.Lifecycle;

namespace ActorCluster.Nodes.Tests.Lifecycle;

public class GoDurationTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10_000, "10s")]
    [InlineData(80_000, "1m20s")]
    [InlineData(300_000, "5m0s")]
    [InlineData(3_723_000, "1h2m3s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(350, "350ms")]
    public void Durations_read_as_Go_prints_them(int milliseconds, string expected) => GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(expected);
}
