using System.Collections.Concurrent;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Reconciling;

public class ReconcilerActorTests : PatientTestKit
{
    private readonly FakeTimeProvider _clock = new(Make.Noon);
    private readonly ScriptedReconciler _reconciler = new();
    private readonly IActorRef _actor;

    public ReconcilerActorTests()
    {
        var simulation = SimulationContext.RealTime(1) with { Clock = _clock };
        _actor = Sys.ActorOf(ReconcilerActor.Props(_reconciler, simulation));
        _reconciler.Attach(new ActorReconcileQueue(_actor));
    }

    [Fact]
    public async Task Nothing_is_reconciled_before_the_caches_are_filled()
    {
        _actor.Tell(new EnqueueKey("a"));
        _actor.Tell(BeginReconciling.Instance);
        var run = await _reconciler.NextAsync();
        run.Key.ShouldBe("a");
        run.Finish();
    }

    [Fact]
    public async Task One_key_is_never_run_twice_at_a_time_and_a_change_meanwhile_runs_it_again()
    {
        _actor.Tell(BeginReconciling.Instance);
        _actor.Tell(new EnqueueKey("a"));
        var first = await _reconciler.NextAsync();
        _actor.Tell(new EnqueueKey("a"));
        _actor.Tell(new EnqueueKey("marker"));
        var marker = await _reconciler.NextAsync();
        marker.Key.ShouldBe("marker");
        marker.Finish();
        first.Finish();
        var second = await _reconciler.NextAsync();
        second.Key.ShouldBe("a");
        second.Finish();
    }

    [Fact]
    public async Task No_more_keys_are_run_at_a_time_than_the_controller_allows()
    {
        _actor.Tell(BeginReconciling.Instance);
        foreach (var key in new[] { "a", "b", "c" }) _actor.Tell(new EnqueueKey(key));
        var first = await _reconciler.NextAsync();
        var second = await _reconciler.NextAsync();
        _reconciler.Running.ShouldBe(2);
        first.Finish();
        (await _reconciler.NextAsync()).Key.ShouldBe("c");
        second.Finish();
        _reconciler.MostAtATime.ShouldBe(2);
    }

    [Fact]
    public async Task A_failed_key_is_run_again_after_its_controllers_backoff()
    {
        _actor.Tell(BeginReconciling.Instance);
        _actor.Tell(new EnqueueKey("a"));
        (await _reconciler.NextAsync()).Fail(new InvalidOperationException("the first time"));
        var again = await NextWhileTimePassesAsync(TimeSpan.FromMilliseconds(5));
        again.Key.ShouldBe("a");
        _clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(Make.Noon + _reconciler.Retries.First);
        again.Finish();
    }

    [Fact]
    public async Task A_key_that_asked_for_it_is_run_again_after_that_time()
    {
        _actor.Tell(BeginReconciling.Instance);
        _actor.Tell(new EnqueueKey("a"));
        (await _reconciler.NextAsync()).Finish(TimeSpan.FromMinutes(1));
        (await NextWhileTimePassesAsync(TimeSpan.FromMinutes(1))).Finish();
        _clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(Make.Noon.AddMinutes(1));
    }

    /// <summary>The timer may not be set yet when time passes, so it passes again until the key has come.</summary>
    private async Task<ScriptedReconciler.Run> NextWhileTimePassesAsync(TimeSpan step)
    {
        var next = _reconciler.NextAsync();
        while (!next.IsCompleted)
        {
            _clock.Advance(step);
            await Task.Yield();
        }

        return await next;
    }

    private sealed class ScriptedReconciler : IReconciler
    {
        private readonly System.Threading.Channels.Channel<Run> _runs = System.Threading.Channels.Channel.CreateUnbounded<Run>();
        private readonly ConcurrentDictionary<string, int> _active = new();
        private int _running;

        public int MostAtATime { get; private set; }
        public int Running => Volatile.Read(ref _running);
        public string Name => "scripted";
        public int Parallelism => 2;
        public (TimeSpan First, TimeSpan Longest) Retries => (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        public void Attach(IReconcileQueue queue)
        {
        }

        public async Task<Run> NextAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            return await _runs.Reader.ReadAsync(patience.Token);
        }

        public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
        {
            _active.AddOrUpdate(key, 1, (_, n) => n + 1).ShouldBe(1);
            MostAtATime = Math.Max(MostAtATime, Interlocked.Increment(ref _running));
            var run = new Run(key);
            _runs.Writer.TryWrite(run);
            try
            {
                return await run.Result;
            }
            finally
            {
                _active[key] = 0;
                Interlocked.Decrement(ref _running);
            }
        }

        internal sealed class Run(string key)
        {
            private readonly TaskCompletionSource<ReconcileResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public string Key { get; } = key;
            public Task<ReconcileResult> Result => _result.Task;

            public void Finish(TimeSpan? again = null) => _result.SetResult(new ReconcileResult(again));

            public void Fail(Exception failure) => _result.SetException(failure);
        }
    }
}
