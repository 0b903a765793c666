using Xunit;
using Xunit.Sdk;

namespace ActorCluster.TestKit;

/// <summary>
/// A test that is run with many seeds, one after another, until one fails: that one is reported, with its seed. The clusters that <see cref="ClusterTestKit"/> starts have the seed.
/// </summary>
[XunitTestCaseDiscoverer("ActorCluster.TestKit.Theories.ClusterTheoryDiscoverer", "ActorCluster.TestKit")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterTheoryAttribute : FactAttribute
{
    /// <summary>How many seeds are tried.</summary>
    public int Runs { get; set; } = 100;

    /// <summary>The first seed; each next one is one more. 0: the first is drawn by chance.</summary>
    public int Seed { get; set; }
}
