using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.Contracts.Tests.Runtime;

public class RoundsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_next_look_is_a_period_after_the_last_one_or_several()
    {
        using var loop = new SimulationLoop("rounds", Start, fault => throw fault);
        var rounds = new Rounds(loop.Clock, TimeSpan.FromSeconds(5));
        rounds.UntilNext().ShouldBe(TimeSpan.FromSeconds(5));
        await loop.AdvanceAsync(TimeSpan.FromSeconds(12));
        rounds.UntilNext().ShouldBe(TimeSpan.FromSeconds(3));
        await loop.AdvanceAsync(TimeSpan.FromSeconds(3));
        rounds.UntilNext().ShouldBe(TimeSpan.FromSeconds(5));
        await loop.AdvanceAsync(TimeSpan.FromSeconds(1));
        rounds.Begin();
        rounds.UntilNext().ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task The_first_look_that_is_further_away_is_one_of_those_that_would_have_come_anyway()
    {
        using var loop = new SimulationLoop("rounds", Start, fault => throw fault);
        var rounds = new Rounds(loop.Clock, TimeSpan.FromSeconds(5));
        await loop.AdvanceAsync(TimeSpan.FromSeconds(1));
        rounds.UntilPast(TimeSpan.FromSeconds(49)).ShouldBe(TimeSpan.FromSeconds(54));
        rounds.UntilPast(TimeSpan.FromSeconds(48.9)).ShouldBe(TimeSpan.FromSeconds(49));
        rounds.UntilPast(TimeSpan.FromSeconds(-50)).ShouldBe(TimeSpan.FromSeconds(4));
    }
}
