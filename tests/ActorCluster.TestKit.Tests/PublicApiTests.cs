using PublicApiGenerator;

namespace ActorCluster.TestKit.Tests;

public sealed class PublicApiTests
{
    private const string File = "tests/ActorCluster.TestKit.Tests/PublicApi.txt";

    [Fact]
    public void The_public_api_is_as_recorded()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, ExcludeAttributes = ["System.Runtime.CompilerServices.CompilerGeneratedAttribute"] };
        var actual = typeof(TestCluster).Assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").Trim() + "\n";
        var path = Path.Combine(Repository.Root, File);
        var recorded = System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : "";
        if (actual == recorded) return;
        var now = path + ".now";
        System.IO.File.WriteAllText(now, actual);
        actual.ShouldBe(recorded, $"The public API is another than {File} records. If that is meant, put {now} in its place.");
    }
}
