using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using ActorCluster.TestKit.Faults;
using ActorCluster.TestKit.Networking;
using ActorCluster.TestKit.Theories;
using Xunit.Abstractions;

namespace ActorCluster.TestKit;

/// <summary>
/// For tests on Akka.TestKit.Xunit2: clusters that end with the test, and whose seed is in its output, so that a run that failed can be run again. All that it does is done by
/// <see cref="TestCluster"/>, which needs no test framework.
/// </summary>
public abstract class ClusterTestKit : Akka.TestKit.Xunit2.TestKit
{
    /// <summary>The environment variable that gives the seed of each test's first cluster, to run one again; the further ones count up from it.</summary>
    public const string SeedVariable = "ACTORCLUSTER_SEED";

    private readonly ITestOutputHelper? _output;
    private readonly List<TestCluster> _clusters = [];

    protected ClusterTestKit(ITestOutputHelper? output = null, Config? config = null) : base(config, output: output) => _output = output;

    /// <summary>Starts a cluster on virtual time; returns when its nodes are Ready.</summary>
    protected Task<TestCluster> StartClusterAsync(int nodes = 1) => StartClusterAsync(new TestClusterOptions { Nodes = nodes });

    /// <inheritdoc cref="TestCluster.StartAsync(TestClusterOptions?, CancellationToken)"/>
    protected async Task<TestCluster> StartClusterAsync(TestClusterOptions options)
    {
        var cluster = await TestCluster.StartAsync(options with { Seed = options.Seed ?? GivenSeed() });
        _clusters.Add(cluster);
        _output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cluster {_clusters.Count} has seed {cluster.Seed}; {SeedVariable}={cluster.Seed} runs it again"));
        return cluster;
    }

    /// <summary>Starts a pod whose network is an actor, such as a TestProbe; returns when the pod is ready.</summary>
    /// <remarks>The actor is outside of the cluster's loop: hold time while it is to answer (<see cref="ClusterClock.Pause"/>), or whoever asked it may time out first.</remarks>
    /// <param name="actor">Gets each packet that comes to the pod; its answer to the sender leaves from the pod.</param>
    protected static Task<ProbePod> StartProbePodAsync(TestCluster cluster, IActorRef actor, string name, string ns = "default", IReadOnlyDictionary<string, string>? labels = null) =>
        cluster.StartProbePodAsync(actor, name, ns, labels);

    /// <summary>
    /// Draws faults by the cluster's seed. Where the test is a <see cref="ClusterTheoryAttribute"/> and fails, it is run again with fewer and fewer of them, and the fewest that still make it fail
    /// are reported: so draw once in a test, and let it end when the cluster is as it should be again.
    /// </summary>
    /// <inheritdoc cref="FaultSchedule.Draw" path="/param"/>
    protected static FaultSchedule DrawFaults(TestCluster cluster, int count, TimeSpan during, params ImmutableArray<FaultKind> kinds)
    {
        var drawn = FaultSchedule.Draw(cluster, count, during, kinds);
        return TheoryRun.Current?.Take(drawn) ?? drawn;
    }

    protected override void AfterAll()
    {
        foreach (var cluster in _clusters) cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.AfterAll();
    }

    private int? GivenSeed() =>
        TheoryRun.Current is { } run ? run.Seed + _clusters.Count
            : int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed + _clusters.Count : null;
}
