using ActorCluster.Containers.Tests.Runtime;
namespace ActorCluster.Containers.Tests.Shell;
public class Smoke(Xunit.Abstractions.ITestOutputHelper output)
{
    [Fact]
    public async Task Run()
    {
        if (!File.Exists("/tmp/shx/in")) return;
        var o = new System.Text.StringBuilder();
        foreach (var s in File.ReadAllText("/tmp/shx/in").Split("\n%%\n"))
        {
            o.Append("--- " + s + "\n");
            try {
            var r = await Sandbox.ShAsync(s);
            o.Append(r.Output).Append(r.Errors).Append("rc=" + r.Code + "\n");
            } catch (Exception e) { o.Append(e.ToString() + "\n"); }
        }
        File.WriteAllText("/tmp/shx/out", o.ToString());
        output.WriteLine(o.ToString());
    }
}
