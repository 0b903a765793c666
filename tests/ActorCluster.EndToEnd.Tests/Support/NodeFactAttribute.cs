namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that runs JavaScript with Node.js, and gets the packages for it with npm.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] missing = [.. ((string[])["node", "npm"]).Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program))))];
        if (missing.Length > 0) Skip = $"It needs `{string.Join("` and `", missing)}` (Node.js), which is not on the PATH.";
    }
}
