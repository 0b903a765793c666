using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Network.Tests.Stack;

/// <summary>Namespaces on a wire with faults, run by one thread in virtual time: everything follows from the seed.</summary>
internal sealed class VirtualWorld
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentQueue<Action> _work = new();
    private readonly Random _random;
    private readonly Dictionary<IpAddress, NetworkNamespace> _namespaces = [];

    public VirtualWorld(int seed = 1)
    {
        _random = new(seed);
        Simulation = new(_clock, new RandomSource(seed), new Tasks(_work), new Scheduler(_work))
        {
            ReportFault = (doing, fault) => throw new InvalidOperationException(doing, fault),
        };
    }

    public SimulationContext Simulation { get; }
    public int LossPercent { get; set; }
    public int ReorderPercent { get; set; }
    public int DuplicatePercent { get; set; }

    /// <summary>Carries packets instead of the world's own wire, by <see cref="Deliver"/>.</summary>
    public Action<Packet>? Carrier { get; set; }

    /// <summary>Called whenever time has moved on.</summary>
    public Action? Moved { get; set; }

    /// <summary>Every packet that left a namespace.</summary>
    public List<Packet> Sent { get; } = [];

    public NetworkNamespace Add(string address, Func<NetworkNamespaceOptions, NetworkNamespaceOptions>? configure = null)
    {
        OnOneThread();
        var own = IpAddress.Parse(address);
        var options = new NetworkNamespaceOptions { Name = address, Addresses = [own] };
        return _namespaces[own] = new(configure?.Invoke(options) ?? options, Simulation, Carry);
    }

    /// <summary>Runs what is to be done, moving time on when there is nothing, until the task is complete.</summary>
    public T Run<T>(Task<T> task, TimeSpan? limit = null)
    {
        Run((Task)task, limit);
        return task.GetAwaiter().GetResult();
    }

    public void Run(Task task, TimeSpan? limit = null)
    {
        var end = _clock.GetUtcNow() + (limit ?? TimeSpan.FromHours(2));
        while (!task.IsCompleted)
        {
            if (_clock.GetUtcNow() > end) throw new TimeoutException("Not done in virtual time.");
            Step();
        }
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs what is to be done, without moving time on, until a task is complete that other threads have a part in (a cancellation tells who waits for it on one of the pool).</summary>
    public void RunWithOthers(Task task)
    {
        OnOneThread();
        var patience = Stopwatch.StartNew();
        while (!task.IsCompleted)
        {
            if (_work.TryDequeue(out var action)) action();
            else if (patience.Elapsed < TimeSpan.FromMinutes(1)) Thread.Yield();
            else throw new TimeoutException("Not done in a minute.");
        }
        task.GetAwaiter().GetResult();
    }

    public void RunFor(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        while (_clock.GetUtcNow() < end || !_work.IsEmpty) Step();
    }

    /// <summary>
    /// xunit gives each test method (not the constructor before it) a context that would move what it awaits to other threads, beside <see cref="Run(Task, TimeSpan?)"/>.
    /// </summary>
    private static void OnOneThread() => SynchronizationContext.SetSynchronizationContext(null);

    private void Step()
    {
        if (_work.TryDequeue(out var action)) action();
        else
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            Moved?.Invoke();
        }
    }

    public void Deliver(Packet packet)
    {
        if (_namespaces.TryGetValue(packet.Destination, out var to)) _work.Enqueue(() => to.Receive(packet));
    }

    private void Carry(Packet packet)
    {
        Sent.Add(packet);
        if (Carrier is not null)
        {
            Carrier(packet);
            return;
        }
        if (_random.Next(100) < LossPercent || !_namespaces.TryGetValue(packet.Destination, out var to)) return;
        for (var copies = _random.Next(100) < DuplicatePercent ? 2 : 1; copies > 0; copies--)
        {
            if (_random.Next(100) < ReorderPercent) _ = DeliverLaterAsync(to, packet);
            else _work.Enqueue(() => to.Receive(packet));
        }
    }

    private async Task DeliverLaterAsync(NetworkNamespace to, Packet packet)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1, 30)), _clock);
        to.Receive(packet);
    }

    private sealed class Tasks(ConcurrentQueue<Action> work) : TaskScheduler
    {
        protected override void QueueTask(Task task) => work.Enqueue(() => TryExecuteTask(task));
        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;
        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    private sealed class Scheduler(ConcurrentQueue<Action> work) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => work.Enqueue(() => action(state));
    }
}
