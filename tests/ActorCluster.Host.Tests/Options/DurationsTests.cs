using ActorCluster.Host.Options;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorCluster.Host.Tests.Options;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("500ms", 500)]
    [InlineData("4s", 4_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1h0m0.5s", 3_600_500)]
    public void Durations_are_read_as_gos_flags_are(string text, int milliseconds)
    {
        Durations.TryParse(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4")]
    [InlineData("s")]
    [InlineData("-4s")]
    [InlineData("4 s")]
    [InlineData("4d")]
    [InlineData("1..5s")]
    [InlineData("4s5")]
    [InlineData("99999999999999h")]
    public void What_is_no_duration_is_refused(string text) => Durations.TryParse(text, out _).ShouldBeFalse();

    [Property]
    public Property What_is_written_reads_back() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        milliseconds =>
        {
            var duration = TimeSpan.FromMilliseconds(milliseconds);
            return Durations.TryParse(Durations.Format(duration), out var read) && read == duration;
        });
}
