using System.Text.RegularExpressions;
using Shouldly;

namespace ActorCluster.Guides.Tests;

/// <summary>
/// The C# that README.md and the guides in docs/ show, from top to bottom, is a file of Guides/, which is compiled as in a project of somebody else: in no namespace, with the implicit usings of
/// `dotnet new xunit` alone, and without the TestKit's internals.
/// </summary>
public sealed partial class GuideTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Files => [.. Names];

    private static IEnumerable<string> Names =>
        Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md")).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Files))]
    public void A_guides_code_from_top_to_bottom_is_a_file_that_is_compiled_and_run(string guide)
    {
        var shown = string.Join("\n\n", Block().Matches(Text(guide)).Select(match => match.Groups["code"].Value)) + "\n";
        var file = $"tests/ActorCluster.Guides.Tests/Guides/{NameOf(guide)}.cs";
        Text(file).ShouldBe(shown, $"{file} should be the C# that {guide} shows.");
    }

    [Fact]
    public void Each_guide_that_was_promised_is_there() =>
        Names.ShouldBe(["README.md", "docs/testing-a-manifest.md", "docs/testing-an-operator.md", "docs/testing-under-faults.md", "docs/writing-an-image.md"]);

    [Fact]
    public void No_file_is_of_no_guide() =>
        Directory.GetFiles(Path.Combine(Root, "tests/ActorCluster.Guides.Tests/Guides")).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)
            .ShouldBe(Names.Select(NameOf).Order(StringComparer.Ordinal));

    /// <summary>docs/testing-a-manifest.md: TestingAManifest.</summary>
    private static string NameOf(string guide) => string.Concat(Path.GetFileNameWithoutExtension(guide).ToLowerInvariant().Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string Text(string file) => File.ReadAllText(Path.Combine(Root, file)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ActorCluster.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("ActorCluster.sln is in no folder above the tests.");
        return folder;
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
