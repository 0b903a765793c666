using ActorCluster.Containers.Tests.Runtime;

namespace ActorCluster.Containers.Tests.Tools;

/// <summary>The tools against what busybox's applets print, byte for byte.</summary>
public sealed class ToolConformanceTests
{
    private const string Folder = "Tools/Conformance";

    public static TheoryData<string, string> Cases => ScriptCase.Rows(Folder);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_tool_does_what_it_does_in_busybox(string file, string name) => ScriptCase.Find(Folder, file, name).CheckAsync();
}
