using ActorCluster.Host.Launch;
using ActorCluster.Host.State;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.Launch;

public sealed class ClusterTurnTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _told = [];

    [Fact]
    public async Task A_command_comes_at_once_where_no_other_works_on_the_cluster()
    {
        using var hold = await Turn().TakeAsync(Folder);
        ClusterLock.TryTake(Folder).ShouldBeNull();
        _told.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_command_says_so_once_and_comes_after_the_first()
    {
        var first = ClusterLock.TryTake(Folder).ShouldNotBeNull();
        var second = Turn().TakeAsync(Folder);
        for (var i = 0; i < 3; i++) _clock.Advance(TimeSpan.FromSeconds(1));
        second.IsCompleted.ShouldBeFalse();
        _told.ShouldBe(["Another actorcluster command works on cluster 'one'. Waiting for it (Ctrl-C to give up)."]);

        first.Dispose();
        while (!second.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        using var hold = await second;
        ClusterLock.TryTake(Folder).ShouldBeNull();
        _told.Count.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_is_given_up_leaves_the_cluster_to_the_other()
    {
        using var first = ClusterLock.TryTake(Folder).ShouldNotBeNull();
        using var giveUp = new CancellationTokenSource();
        var second = Turn(giveUp.Token).TakeAsync(Folder);
        giveUp.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(second);
    }

    [Fact]
    public async Task A_cluster_that_is_taken_down_meanwhile_is_told_as_none_and_does_not_come_back()
    {
        var first = ClusterLock.TryTake(Folder).ShouldNotBeNull();
        var second = Turn().TakeAsync(Folder);
        Folder.Delete();
        first.Dispose();
        while (!second.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        (await Should.ThrowAsync<ClusterNotFoundException>(second)).Message.ShouldStartWith("There is no cluster 'one'.");
        Directory.Exists(Folder.Path).ShouldBeFalse();
    }

    public void Dispose() => _temporary.Dispose();

    private ClusterFolder Folder => new StateRoot(_temporary.Path).Cluster("one");

    private ClusterTurn Turn(CancellationToken cancellationToken = default) => new(_clock, _told.Add, cancellationToken);
}
