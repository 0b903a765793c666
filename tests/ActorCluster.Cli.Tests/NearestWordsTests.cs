using ActorCluster.Cli.CommandLine;

namespace ActorCluster.Cli.Tests;

public sealed class NearestWordsTests
{
    private static readonly string[] Known = ["up", "down", "status", "services", "start", "stop", "--workers", "--zones"];

    [Theory]
    [InlineData("upp", "up")]
    [InlineData("dwon", "down")] // neighbours swapped
    [InlineData("stat", "start,status")] // a letter, and a beginning
    [InlineData("--wrokers", "--workers")]
    [InlineData("frobnicate", "")]
    [InlineData("x", "")]
    public void A_mistyped_word_is_near_to_what_was_meant(string word, string near) => string.Join(',', NearestWords.To(word, Known)).ShouldBe(near);

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("ab", "ba", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void The_distance_is_in_letters(string from, string to, int letters) => NearestWords.Distance(from, to).ShouldBe(letters);
}
