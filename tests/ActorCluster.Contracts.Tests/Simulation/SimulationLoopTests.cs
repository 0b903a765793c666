using System.Collections.Concurrent;
using ActorCluster.Contracts.Simulation;
using Akka.Actor;
using Akka.Actor.Setup;

namespace ActorCluster.Contracts.Tests.Simulation;

public sealed class SimulationLoopTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly SimulationLoop _loop;

    public SimulationLoopTests() => _loop = new SimulationLoop("test", Noon, _faults.Enqueue);

    public void Dispose()
    {
        _loop.Dispose();
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Time_goes_from_deadline_to_deadline_and_what_is_due_together_comes_in_the_order_in_which_it_was_asked_for()
    {
        List<string> seen = [];
        void After(int seconds, string what) => _loop.Clock.CreateTimer(_ => seen.Add($"{what} at {_loop.Clock.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
        After(5, "c");
        After(2, "a");
        After(2, "b");
        After(60, "too late");
        await _loop.AdvanceAsync(TimeSpan.FromSeconds(5));
        seen.ShouldBe(["a at 2", "b at 2", "c at 5"]);
        _loop.Clock.GetUtcNow().ShouldBe(Noon.AddSeconds(5));
    }

    [Fact]
    public async Task All_that_there_is_to_do_at_a_moment_is_done_before_the_next()
    {
        List<double> seen = [];
        var work = _loop.RunAsync(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _loop.Clock);
                // A hop to the thread pool and back takes no time.
                await Task.Run(() => Thread.SpinWait(10_000));
                seen.Add(_loop.Clock.Elapsed.TotalSeconds);
            }
        });
        using var other = _loop.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        await work;
        seen.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task No_time_passes_while_nobody_waits_for_it_or_while_it_is_paused()
    {
        var fired = false;
        using var timer = _loop.Clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        await _loop.QuietAsync();
        fired.ShouldBeFalse();
        Task waits;
        using (_loop.Pause())
        {
            waits = _loop.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(2), _loop.Clock));
            await _loop.QuietAsync();
            waits.IsCompleted.ShouldBeFalse();
            await _loop.AdvanceAsync(TimeSpan.FromSeconds(1));
            fired.ShouldBeTrue();
        }
        await waits;
        _loop.Clock.Elapsed.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task The_end_of_something_is_told_when_nothing_is_left_to_do()
    {
        var left = 100;
        async Task CountDownAsync()
        {
            while (left > 0)
            {
                await Task.Yield();
                left--;
            }
        }

        await _loop.RunAsync(() =>
        {
            _ = CountDownAsync();
            return Task.CompletedTask;
        });
        left.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_thrown_reaches_who_waits_and_what_nobody_waits_for_is_told()
    {
        (await Should.ThrowAsync<InvalidDataException>(_loop.RunAsync(() => throw new InvalidDataException("mine")))).Message.ShouldBe("mine");
        Should.Throw<InvalidDataException>(() => _loop.Do<int>(() => throw new InvalidDataException()));
        _loop.Post(_ => throw new InvalidDataException("nobody's"), null);
        await _loop.QuietAsync();
        _faults.TryDequeue(out var fault).ShouldBeTrue();
        fault!.Message.ShouldBe("nobody's");
    }

    [Fact]
    public async Task An_actor_system_lives_on_the_loop_alone_with_its_timers_and_all_its_dispatchers()
    {
        var threads = new ConcurrentDictionary<int, bool>();
        await _loop.RunAsync(async () =>
        {
            var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(LoopSetup.Config)).And(new LoopSetup(_loop));
            var system = ActorSystem.Create("loop", setup);
            var asked = system.ActorOf(Props.Create(() => new Ticker(threads)));
            var other = system.ActorOf(Props.Create(() => new Ticker(threads)).WithDispatcher("akka.actor.internal-dispatcher"));
            (await asked.Ask<int>("count")).ShouldBe(0);
            await Task.Delay(TimeSpan.FromSeconds(10.5), _loop.Clock);
            (await asked.Ask<int>("count")).ShouldBe(10);
            (await other.Ask<int>("count")).ShouldBe(10);
            await system.Terminate();
        });
        threads.Count.ShouldBe(1);
    }

    [Fact]
    public void A_loop_that_has_ended_leaves_no_thread_and_what_comes_later_is_done_all_the_same()
    {
        var thread = _loop.Do(() => Thread.CurrentThread);
        _loop.Dispose();
        thread.IsAlive.ShouldBeFalse();
        using var done = new ManualResetEventSlim();
        _loop.Post(_ => done.Set(), null);
        done.Wait(TimeSpan.FromSeconds(60)).ShouldBeTrue();
    }

    private sealed class Ticker : UntypedActor, IWithTimers
    {
        private readonly ConcurrentDictionary<int, bool> _threads;
        private int _count;

        public Ticker(ConcurrentDictionary<int, bool> threads) => _threads = threads;

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("tick", "tick", TimeSpan.FromSeconds(1));

        protected override void OnReceive(object message)
        {
            _threads[Environment.CurrentManagedThreadId] = true;
            if (message is "tick") _count++;
            else Sender.Tell(_count);
        }
    }
}
