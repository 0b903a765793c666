using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Host.State;

/// <summary>Has a process obey what `actorcluster node partition` and `heal` write into the cluster's folder: a process that is cut off can't be told by the network.</summary>
/// <remarks>Whoever writes there sends the process SIGCONT, which means nothing else to one that runs, and has it look at once. It looks by itself now and then; often on Windows, which has no signals.</remarks>
internal sealed class LinkCutKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = OperatingSystem.IsWindows() ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(2);

    private readonly ClusterFolder _folder;
    private readonly string _process;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private PosixSignalRegistration? _told;
    private DateTime _written;
    private Task _loop = Task.CompletedTask;

    private LinkCutKeeper(ClusterFolder folder, string process, SimulationContext simulation) => (_folder, _process, _simulation) = (folder, process, simulation);

    public LinkCuts Cuts { get; } = new();

    /// <summary>Obeys what is written already, before the process can reach anyone, and goes on looking.</summary>
    public static LinkCutKeeper Start(ClusterFolder folder, string process, SimulationContext simulation)
    {
        var keeper = new LinkCutKeeper(folder, process, simulation);
        if (!OperatingSystem.IsWindows()) keeper._told = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => keeper.Obey());
        keeper.Obey();
        keeper._loop = simulation.Start(keeper.LookAsync);
        return keeper;
    }

    public async ValueTask DisposeAsync()
    {
        _told?.Dispose();
        await _ended.CancelAsync();
        await _loop;
        _ended.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            while (true)
            {
                await _simulation.Clock.NextEvenAsync(Interval, _ended.Token);
                Obey();
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            return;
        }
    }

    private void Obey()
    {
        lock (_lock) ObeyAlone();
    }

    private void ObeyAlone()
    {
        try
        {
            if (_folder.CutsWritten(_process) is var written && written == _written) return;
            var cuts = _folder.ReadCuts(_process);
            Cuts.Replace(cuts.ToImmutableDictionary(cut => cut.Address, cut => cut.Loss));
            if (_folder.Exists) _folder.WriteObeyedCuts(_process, cuts);
            _written = written;
        }
        catch (Exception) when (!_folder.Exists)
        {
            // Taken down meanwhile: nobody waits for it.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _simulation.ReportFault($"reading from whom {_process} is cut off", fault);
        }
    }
}
