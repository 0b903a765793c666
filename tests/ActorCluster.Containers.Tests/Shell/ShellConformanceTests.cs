using ActorCluster.Containers.Tests.Runtime;

namespace ActorCluster.Containers.Tests.Shell;

/// <summary>The shell against what busybox's ash prints, byte for byte.</summary>
public sealed class ShellConformanceTests
{
    private const string Folder = "Shell/Conformance";

    public static TheoryData<string, string> Cases => ScriptCase.Rows(Folder);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_script_does_what_it_does_in_ash(string file, string name) => ScriptCase.Find(Folder, file, name).CheckAsync();
}
