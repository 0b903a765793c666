using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorCluster.TestKit.Theories;

/// <summary>One test of many runs. xunit serializes it between discovery and run.</summary>
public sealed class ClusterTheoryTestCase : XunitTestCase
{
    private int _runs;
    private int _seed;

    /// <summary>For xunit's deserializer.</summary>
    [Obsolete("Called by xunit's deserializer.")]
    public ClusterTheoryTestCase()
    {
    }

    public ClusterTheoryTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, int runs, int seed)
        : base(diagnostics, display, options, method) => (_runs, _seed) = (runs, seed);

    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(_runs), _runs);
        data.AddValue(nameof(_seed), _seed);
    }

    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        _runs = data.GetValue<int>(nameof(_runs));
        _seed = data.GetValue<int>(nameof(_seed));
    }

    public override async Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        var (seed, runs) = Seeds();
        async Task<(TheoryRun Run, RunSummary Summary, HeldMessages Messages)> TryAsync(int with, IReadOnlyList<int>? keptFaults = null)
        {
            var run = TheoryRun.Current = new TheoryRun(with, keptFaults);
            var messages = new HeldMessages(messageBus);
            return (run, await base.RunAsync(diagnosticMessageSink, messages, constructorArguments, new ExceptionAggregator(aggregator), cancellationTokenSource), messages);
        }

        for (var number = 1; ; number++, seed++)
        {
            var (run, summary, messages) = await TryAsync(seed);
            if (summary.Failed == 0 && summary.Skipped == 0 && number < runs && !cancellationTokenSource.IsCancellationRequested) continue;
            var why = string.Create(CultureInfo.InvariantCulture, $"Seed {seed} fails, run {number} of {runs}; {ClusterTestKit.SeedVariable}={seed} runs it again.");
            if (summary.Failed > 0 && run.Drawn > 0)
            {
                var shortest = await ShortestFailure.FindAsync(run.Drawn, async kept => (await TryAsync(seed, kept)).Summary.Failed > 0);
                var (last, again, told) = await TryAsync(seed, shortest);
                // What doesn't fail twice is told as it was at first.
                if (again.Failed > 0)
                {
                    (summary, messages) = (again, told);
                    why += string.Create(CultureInfo.InvariantCulture, $"\nOf {run.Drawn} faults it takes {shortest.Count}: {last.Faults}");
                }
            }
            messages.Release(why);
            return summary;
        }
    }

    /// <summary>A seed that is given from outside is the only one.</summary>
    private (int First, int Runs) Seeds()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(ClusterTestKit.SeedVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var given)) return (given, 1);
        return (_seed != 0 ? _seed : RandomNumberGenerator.GetInt32(1, int.MaxValue / 2), Math.Max(1, _runs));
    }

    /// <summary>Keeps what a run tells until it is known to be the one that counts.</summary>
    private sealed class HeldMessages(IMessageBus bus) : IMessageBus
    {
        private readonly List<IMessageSinkMessage> _messages = [];

        public bool QueueMessage(IMessageSinkMessage message)
        {
            lock (_messages) _messages.Add(message);
            return true;
        }

        public void Release(string onFailure)
        {
            lock (_messages)
            {
                foreach (var message in _messages) bus.QueueMessage(message is ITestFailed failed ? Tell(failed, onFailure) : message);
                _messages.Clear();
            }
        }

        public void Dispose()
        {
            // Those of a run that doesn't count go nowhere.
        }

        private static TestFailed Tell(ITestFailed failed, string onFailure) =>
            new(failed.Test, failed.ExecutionTime, failed.Output, failed.ExceptionTypes, [$"{onFailure}\n{failed.Messages[0]}", .. failed.Messages.Skip(1)], failed.StackTraces, failed.ExceptionParentIndices);
    }
}
