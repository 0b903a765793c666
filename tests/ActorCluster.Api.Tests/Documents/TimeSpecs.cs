using System.Globalization;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Tests.Documents;

public sealed class TimeSpecs
{
    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("2026-02-28T23:59:59.9999999Z")]
    [InlineData("2026-11-05T07:08:09.0000009+05:30")]
    [InlineData("9999-12-31T23:59:59.1234567Z")]
    public void Times_are_written_in_UTC_and_never_rounded_up(string text)
    {
        var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        ObjectMetadata.FormatTime(time).ShouldBe(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        ObjectMetadata.FormatMicroTime(time).ShouldBe(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }
}
