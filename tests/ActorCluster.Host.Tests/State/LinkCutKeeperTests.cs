using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.State;

public sealed class LinkCutKeeperTests : IDisposable
{
    private const string Other = "akka.tcp://actorcluster@127.0.0.1:20001";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _temporary = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ClusterFolder _folder;

    public LinkCutKeeperTests()
    {
        _folder = new ClusterFolder(_temporary.File("one"), "one");
        _folder.Create();
        _folder.Write(new ClusterRecord("one", 6443, []));
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task What_is_written_before_a_process_starts_holds_at_once_and_what_changes_holds_soon_and_is_confirmed()
    {
        _folder.WriteCuts("worker-1", [new RecordedCut("control-plane", Other, LinkLoss.Sent)]);
        await using var keeper = LinkCutKeeper.Start(_folder, "worker-1", SimulationContext.RealTime(1) with { Clock = _clock });
        keeper.Cuts.LosesSent(Other).ShouldBeTrue();
        keeper.Cuts.LosesReceived(Other).ShouldBeFalse();
        _folder.ReadObeyedCuts("worker-1").ShouldBe(_folder.ReadCuts("worker-1"));

        _folder.WriteCuts("worker-1", []);

        using var patience = new CancellationTokenSource(Patience);
        while (keeper.Cuts.LosesSent(Other) || _folder.ReadObeyedCuts("worker-1").Count > 0)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(1, patience.Token);
        }
    }

    [Fact]
    public async Task A_process_that_is_told_looks_at_once()
    {
        if (OperatingSystem.IsWindows()) return; // has no signals; there it looks often
        await using var keeper = LinkCutKeeper.Start(_folder, "worker-1", SimulationContext.RealTime(1) with { Clock = _clock });
        _folder.WriteCuts("worker-1", [new RecordedCut("control-plane", Other, LinkLoss.Sent)]);

        ProcessIdentity.Current.Nudge().ShouldBeTrue();

        using var patience = new CancellationTokenSource(Patience);
        while (_folder.ReadObeyedCuts("worker-1").Count == 0) await Task.Delay(1, patience.Token);
        keeper.Cuts.LosesSent(Other).ShouldBeTrue();
    }
}
