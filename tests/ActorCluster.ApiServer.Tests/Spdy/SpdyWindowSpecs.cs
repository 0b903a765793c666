using ActorCluster.ApiServer.Spdy;

namespace ActorCluster.ApiServer.Tests.Spdy;

public class SpdyWindowSpecs
{
    [Fact]
    public async Task A_peer_that_never_makes_room_holds_nobody_back()
    {
        var window = new SpdyWindow();
        for (var i = 0; i < 100; i++) (await window.TakeAsync(32 * 1024, CancellationToken.None)).ShouldBe(32 * 1024);
    }

    [Fact]
    public async Task Once_it_makes_room_no_more_than_that_is_sent()
    {
        var window = new SpdyWindow();
        (await window.TakeAsync(SpdyWindow.InitialSize, CancellationToken.None)).ShouldBe(SpdyWindow.InitialSize);
        window.Grow(10).ShouldBeTrue();

        (await window.TakeAsync(100, CancellationToken.None)).ShouldBe(10);
        var waiting = window.TakeAsync(100, CancellationToken.None).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        window.Grow(7);
        (await waiting).ShouldBe(7);
    }

    [Fact]
    public async Task Room_that_was_overdrawn_has_to_be_made_good_first()
    {
        var window = new SpdyWindow();
        await window.TakeAsync(SpdyWindow.InitialSize + 50, CancellationToken.None);
        window.Grow(50);
        var waiting = window.TakeAsync(1, CancellationToken.None).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        window.Grow(1);
        (await waiting).ShouldBe(1);
    }

    [Fact]
    public async Task Closing_ends_the_wait()
    {
        var window = new SpdyWindow();
        await window.TakeAsync(SpdyWindow.InitialSize, CancellationToken.None);
        window.Grow(1);
        await window.TakeAsync(1, CancellationToken.None);
        var waiting = window.TakeAsync(1, CancellationToken.None).AsTask();
        window.Close();
        await Should.ThrowAsync<IOException>(() => waiting);
    }

    [Fact]
    public void A_window_beyond_31_bits_is_an_error() => new SpdyWindow().Grow(int.MaxValue).ShouldBeFalse();
}
