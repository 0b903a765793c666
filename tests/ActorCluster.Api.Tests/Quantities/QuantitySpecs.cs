using System.Numerics;
using ActorCluster.Api.Quantities;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Quantities;

public sealed class QuantitySpecs
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("00", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("0m", "0")]
    [InlineData("5000m", "5")]
    [InlineData("0.5", "500m")]
    [InlineData("1.08", "1080m")]
    [InlineData("1080000000n", "1080m")]
    [InlineData("1000u", "1m")]
    [InlineData("1000M", "1G")]
    [InlineData("0.001T", "1G")]
    [InlineData("1234567M", "1234567M")]
    [InlineData("100.035k", "100035")]
    [InlineData("1E", "1E")]
    [InlineData("12E", "12E")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("307200Ki", "300Mi")]
    [InlineData("1025024Mi", "1001Gi")]
    [InlineData("0.5Mi", "512Ki")]
    [InlineData(".001Ki", "1024m")]
    [InlineData(".000001Ki", "1024u")]
    [InlineData(".000000000001Ki", "2n")]
    [InlineData("100.035Ki", "102436")]
    [InlineData(".001e12", "1e9")]
    [InlineData("0.001e0", "1e-3")]
    [InlineData("1000e-12", "1e-9")]
    [InlineData("80e-3", "80e-3")]
    [InlineData("1.3E+6", "1300e3")]
    [InlineData("1e14", "100e12")]
    [InlineData("3.001n", "4n")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("0.00000012345", "124n")]
    [InlineData("1.", "1")]
    [InlineData("1.G", "1G")]
    [InlineData(".", "0")]
    [InlineData("Mi", "0")]
    public void Its_canonical_form_is_upstreams_whatever_its_sign(string text, string canonical)
    {
        Quantity.Parse(text).ToString().ShouldBe(canonical);
        Quantity.Parse("+" + text).ToString().ShouldBe(canonical);
        Quantity.Parse("-" + text).ToString().ShouldBe(canonical == "0" ? "0" : "-" + canonical);
    }

    [Theory]
    [InlineData("9Ei")]
    [InlineData("9223372036854775807Ki")]
    public void More_than_64_bits_hold_is_cut_off_with_binary_suffixes(string text)
    {
        Quantity.Parse(text).ToInt64().ShouldBe(long.MaxValue);
        Quantity.Parse("-" + text).ToInt64().ShouldBe(-long.MaxValue);
    }

    [Fact]
    public void What_a_long_cannot_hold_comes_as_the_nearest_that_it_can()
    {
        Quantity.Parse("12E").ToInt64().ShouldBe(long.MaxValue);
        Quantity.Parse("-12E").ToInt64().ShouldBe(long.MinValue);
        Quantity.Parse("1e99").ToMilli().ShouldBe(long.MaxValue);
    }

    [Theory]
    [InlineData("1500m", 2, 1500)]
    [InlineData("1n", 1, 1)]
    [InlineData("-1500m", -2, -1500)]
    [InlineData("128Mi", 134217728, 134217728000)]
    [InlineData("1100u", 1, 2)]
    public void Parts_of_units_are_rounded_away_from_zero(string text, long units, long thousandths)
    {
        Quantity.Parse(text).ToInt64().ShouldBe(units);
        Quantity.Parse(text).ToMilli().ShouldBe(thousandths);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.1.M")]
    [InlineData("1+1.0M")]
    [InlineData("0.1am")]
    [InlineData("aoeu")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("١")]
    [InlineData("1Ki\n")]
    public void Text_of_another_form_is_refused(string text) =>
        Should.Throw<FormatException>(() => Quantity.Parse(text)).Message.ShouldBe(Quantity.SyntaxError);

    [Theory]
    [InlineData("0.1mi")]
    [InlineData(".5i")]
    [InlineData("1i")]
    [InlineData("-3.01e-")]
    [InlineData("1ki")]
    [InlineData("1e")]
    [InlineData("1Ki5")]
    [InlineData("1e1000000000")]
    [InlineData("--1")]
    public void An_unknown_suffix_is_refused(string text) =>
        Should.Throw<FormatException>(() => Quantity.Parse(text)).Message.ShouldBe("unable to parse quantity's suffix");

    [Theory]
    [InlineData("100m", "50m", 1)]
    [InlineData("50m", "100m", -1)]
    [InlineData("10000T", "100Gi", 1)]
    [InlineData("1Ki", "1024", 0)]
    [InlineData("-1", "0", -1)]
    public void They_are_compared_by_value(string left, string right, int expected)
    {
        var (a, b) = (Quantity.Parse(left), Quantity.Parse(right));
        Math.Sign(a.CompareTo(b)).ShouldBe(expected);
        (a < b).ShouldBe(expected < 0);
        (a > b).ShouldBe(expected > 0);
        (a <= b).ShouldBe(expected <= 0);
        (a >= b).ShouldBe(expected >= 0);
    }

    [Theory]
    [InlineData("100m")]
    [InlineData("1Gi")]
    public void Adding_to_nothing_keeps_the_suffix(string text)
    {
        (Quantity.Zero + Quantity.Parse(text)).ToString().ShouldBe(text);
        (Quantity.Parse(text) + Quantity.Zero).ToString().ShouldBe(text);
        (Quantity.Parse(text) - Quantity.Zero).ToString().ShouldBe(text);
        (Quantity.Zero - Quantity.Parse(text)).ToString().ShouldBe("-" + text);
    }

    [Property]
    public void The_canonical_form_reads_back_as_the_same_number(long value, byte suffix)
    {
        string[] suffixes = ["n", "u", "m", "", "k", "M", "Ki", "Mi", "Gi", "e3", "E-6"];
        var quantity = Quantity.Parse(value + suffixes[suffix % suffixes.Length]);
        var again = Quantity.Parse(quantity.ToString());
        again.CompareTo(quantity).ShouldBe(0);
        again.ToString().ShouldBe(quantity.ToString());
    }

    [Property]
    public void Sums_and_differences_are_exact(long left, long right)
    {
        var (a, b) = (new Quantity(left, QuantityFormat.DecimalSI), new Quantity(right, QuantityFormat.BinarySI));
        (a + b).Nanos.ShouldBe((BigInteger)left + right);
        (a + b - b).CompareTo(a).ShouldBe(0);
        (a - b).CompareTo(Quantity.Zero).ShouldBe(a.CompareTo(b));
    }

    [Property]
    public void No_text_makes_it_throw(string text)
    {
        if (Quantity.TryParse(text, out var quantity)) Quantity.Parse(quantity.ToString()).CompareTo(quantity).ShouldBe(0);
        else Quantity.FaultOf(text, out _).ShouldNotBeNullOrEmpty();
    }
}
