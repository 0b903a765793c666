using ActorCluster.Controllers.Workloads;

namespace ActorCluster.Controllers.Tests.Workloads;

public class SlowStartTests
{
    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 1 })]
    [InlineData(10, new[] { 1, 2, 4, 3 })]
    public void Batches_start_slow_and_double(int count, int[] sizes) => SlowStart.BatchSizes(count).ShouldBe(sizes);

    [Fact]
    public async Task The_first_failing_batch_is_the_last()
    {
        var calls = 0;
        var (successes, failure) = await SlowStart.RunAsync(100, _ => Task.FromResult<Exception?>(++calls == 3 ? new InvalidOperationException("quota") : null));
        calls.ShouldBe(3);
        successes.ShouldBe(2);
        failure!.Message.ShouldBe("quota");
    }

    [Fact]
    public async Task Every_call_gets_a_number_of_its_own()
    {
        List<int> numbers = [];
        await SlowStart.RunAsync(10, number =>
        {
            numbers.Add(number);
            return Task.FromResult<Exception?>(null);
        });
        numbers.ShouldBe(Enumerable.Range(0, 10));
    }
}
