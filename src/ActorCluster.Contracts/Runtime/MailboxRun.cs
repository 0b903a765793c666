using System.IO.Pipelines;
using Akka.Dispatch;

namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// Mailboxes that pass something on from one to the next, run one after the other by the thread that began, and then the program that it was all
/// for: the way of a packet, in one work item of the thread pool where it would otherwise take one for each step, on any core.
/// </summary>
/// <remarks>
/// Only for actors that never wait for anything: one that did would hold up those queued behind it. Programs may; so nothing is queued behind a
/// program, and what is more than one of them the thread pool gets. There all wait in the order in which they came: a thread takes the last of its own
/// first, and under load would leave some connections waiting behind dozens of others' requests, and mailboxes would run for a packet each.
/// </remarks>
public sealed class MailboxRun : IThreadPoolWorkItem
{
    /// <summary>Mailboxes after which others have a turn.</summary>
    private const int Longest = 64;

    [ThreadStatic] private static Thread? t_thread;

    private readonly IRunnable _first;

    private MailboxRun(IRunnable first) => _first = first;

    /// <summary>Where programs go on, in real time.</summary>
    public static PipeScheduler Programs { get; } = new ProgramScheduler();

    /// <summary>Has a mailbox run: by this thread if it is at such a run, else by the thread pool.</summary>
    public static void Add(IRunnable mailbox)
    {
        if (t_thread is { IsRunning: true } thread) thread.Waiting.Enqueue(mailbox);
        else System.Threading.ThreadPool.UnsafeQueueUserWorkItem(new MailboxRun(mailbox), preferLocal: false);
    }

    public void Execute()
    {
        var thread = t_thread ??= new();
        thread.IsRunning = true;
        try
        {
            _first.Run();
            for (var left = Longest; left > 0 && thread.Waiting.TryDequeue(out var mailbox); left--) mailbox.Run();
        }
        finally
        {
            thread.IsRunning = false;
            while (thread.Waiting.TryDequeue(out var mailbox)) Add(mailbox);
        }
        if (thread.TakeProgram() is ({ } action, var state)) action(state);
    }

    private sealed class Thread
    {
        private Action<object?>? _action;
        private object? _state;

        public Queue<IRunnable> Waiting { get; } = new();

        public bool IsRunning { get; set; }

        /// <returns>The one before it, if there was one.</returns>
        public (Action<object?>? Action, object? State) PutProgram(Action<object?>? action, object? state)
        {
            var before = (_action, _state);
            (_action, _state) = (action, state);
            return before;
        }

        public (Action<object?>? Action, object? State) TakeProgram() => PutProgram(null, null);
    }

    private sealed class ProgramScheduler : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state)
        {
            if (t_thread is { IsRunning: true } thread)
            {
                if (thread.PutProgram(action, state) is not ({ } before, var itsState)) return;
                (action, state) = (before, itsState);
            }
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
        }
    }
}
