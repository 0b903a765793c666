using System.Reflection;
using ActorCluster.TestKit.Faults;
using ActorCluster.TestKit.Theories;
using FsCheck.Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorCluster.TestKit.Tests;

public sealed class TheoryTests(ITestOutputHelper output) : ClusterTestKit(output)
{
    [ClusterTheory(Runs = 3)]
    public async Task A_deployment_is_whole_again_after_whatever_nodes_do()
    {
        await using var cluster = await StartClusterAsync(new TestClusterOptions { Nodes = 2, ClusterDns = false });
        await cluster.ApplyYamlAsync(Web);
        await cluster.Deployment("web").ShouldBeAvailableAsync();
        await DrawFaults(cluster, count: 2, during: TimeSpan.FromMinutes(3)).RunAsync(cluster);
        await cluster.Deployment("web").ShouldBeAvailableAsync(within: TimeSpan.FromMinutes(20));
    }

    [Fact]
    public async Task The_first_seed_that_fails_is_reported_with_the_fewest_faults_that_make_it_fail()
    {
        var bus = new RecordedMessages();
        var summary = await CaseOf(nameof(Victim.A_node_is_never_without_power)).RunAsync(new NullMessageSink(), bus, [], new ExceptionAggregator(), new CancellationTokenSource());
        summary.Failed.ShouldBe(1);
        var message = bus.Failures.ShouldHaveSingleItem();
        message.ShouldContain("fails, run 1 of 5; ACTORCLUSTER_SEED=");
        message.ShouldMatch(@"Of 4 faults it takes 1: 00:\d\d:\d\d to 00:\d\d:\d\d: worker-1 without power");
    }

    [Fact]
    public async Task All_seeds_are_tried_when_none_fails()
    {
        var bus = new RecordedMessages();
        Victim.Seeds.Clear();
        var summary = await CaseOf(nameof(Victim.It_is_as_it_is)).RunAsync(new NullMessageSink(), bus, [], new ExceptionAggregator(), new CancellationTokenSource());
        (summary.Total, summary.Failed).ShouldBe((1, 0));
        Victim.Seeds.ShouldBe([11, 12, 13, 14, 15]);
    }

    [Property(MaxTest = 200)]
    public void The_shortest_failure_is_the_causes_that_it_takes(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(1, 20);
        HashSet<int> causes = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(count))];
        var found = ShortestFailure.FindAsync(count, kept => Task.FromResult(causes.All(kept.Contains))).GetAwaiter().GetResult();
        found.ShouldBe(causes.Order());
    }

    private const string Web = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n      - name: web\n        image: nginx\n";

    private static ClusterTheoryTestCase CaseOf(string method)
    {
        var assembly = new TestAssembly(Reflector.Wrap(typeof(Victim).Assembly));
        var type = new TestClass(new TestCollection(assembly, null, "victims"), Reflector.Wrap(typeof(Victim)));
        var info = typeof(Victim).GetMethod(method, BindingFlags.Public | BindingFlags.Instance)!;
        return new ClusterTheoryTestCase(new NullMessageSink(), TestMethodDisplay.Method, TestMethodDisplayOptions.None, new TestMethod(type, Reflector.Wrap(info)), runs: 5, seed: 11);
    }

#pragma warning disable xUnit1000 // Not public, so that the runner doesn't find it: these run inside of the tests above.
    internal sealed class Victim : ClusterTestKit
    {
        public static readonly List<int> Seeds = [];

        [ClusterTheory(Runs = 5, Seed = 11)]
        public async Task It_is_as_it_is()
        {
            await using var cluster = await StartClusterAsync(new TestClusterOptions { Nodes = 0, ClusterDns = false });
            Seeds.Add(cluster.Seed);
        }

        [ClusterTheory(Runs = 5, Seed = 11)]
        public async Task A_node_is_never_without_power()
        {
            await using var cluster = await StartClusterAsync(new TestClusterOptions { Nodes = 1, ClusterDns = false });
            var faults = DrawFaults(cluster, 4, TimeSpan.FromMinutes(2), [.. FaultSchedule.NodeFaults, (random, _, at, duration) => new NodeCrash(at, duration, "worker-1")]);
            await faults.RunAsync(cluster);
            (faults.Faults.OfType<NodeCrash>().FirstOrDefault()).ShouldBeNull();
        }
    }

#pragma warning restore xUnit1000

    private sealed class RecordedMessages : IMessageBus
    {
        private readonly List<IMessageSinkMessage> _all = [];

        public IEnumerable<string> Failures => _all.OfType<ITestFailed>().Select(failed => failed.Messages[0]);

        public bool QueueMessage(IMessageSinkMessage message)
        {
            lock (_all) _all.Add(message);
            return true;
        }

        public void Dispose()
        {
            // Kept for the test to read.
        }
    }
}
