using System.Text.RegularExpressions;

namespace ActorCluster.TestKit.Tests.Guides;

/// <summary>What the guides in docs/ show is what is compiled and run here.</summary>
public sealed partial class GuideTests
{
    public static TheoryData<string> Files => [.. Names];

    private static IEnumerable<string> Names => Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_guides_code_is_a_region_of_a_test(string file)
    {
        var regions = Directory.GetFiles(Path.Combine(Repository.Root, "tests/ActorCluster.TestKit.Tests/Guides"), "*.cs").SelectMany(source => Regions(File.ReadAllLines(source))).ToList();
        var blocks = Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", file)).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value).ToList();
        blocks.ShouldNotBeEmpty();
        foreach (var block in blocks) regions.ShouldContain(Normal(block.Split('\n')), $"{file} has code that no test has:\n{block}");
    }

    [Fact]
    public void Each_guide_that_was_promised_is_there() =>
        Names.ShouldBe(["testing-a-manifest.md", "testing-an-operator.md", "testing-under-faults.md", "writing-an-image.md"]);

    private static IEnumerable<string> Regions(string[] lines)
    {
        List<string>? region = null;
        foreach (var line in lines)
        {
            if (line.TrimStart().StartsWith("#region", StringComparison.Ordinal)) region = [];
            else if (line.TrimStart().StartsWith("#endregion", StringComparison.Ordinal))
            {
                yield return Normal([.. region!]);
                region = null;
            }
            else region?.Add(line);
        }
    }

    /// <summary>Without the indentation that all lines have, and without empty lines at the ends.</summary>
    private static string Normal(string[] lines)
    {
        var indent = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line.Trim().Length == 0 ? "" : line[indent..].TrimEnd())).Trim('\n');
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
