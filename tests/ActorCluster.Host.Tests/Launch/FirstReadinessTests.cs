using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Launch;

public sealed class FirstReadinessTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(30));
    private readonly Channel<string> _missing = Channel.CreateUnbounded<string>();
    private readonly ClusterFolder _folder;
    private readonly ClusterRecord _cluster;
    private readonly FirstReadiness _readiness;

    public FirstReadinessTests()
    {
        _folder = new(_temporary.File("c"), "c");
        _folder.Create();
        _cluster = ClusterPlanner.Plan(new ClusterOptions { Workers = 2 }, _folder, new PortAllocator(new RandomSource(1), []));
        _readiness = new(_folder, _cluster, TimeProvider.System, missing => _missing.Writer.TryWrite(string.Join(',', missing)));
    }

    [Fact]
    public async Task It_tells_who_is_missing_once_the_api_is_there_and_ends_with_the_add_ons()
    {
        var waiting = _readiness.WaitAsync(_timeout.Token);
        _readiness.ApiAnswers.ShouldBeFalse();
        Serve("worker-2");
        Serve("control-plane");
        (await _missing.Reader.ReadAsync(_timeout.Token)).ShouldBe("worker-1");
        Serve("worker-1");
        (await _missing.Reader.ReadAsync(_timeout.Token)).ShouldBe("");
        waiting.IsCompleted.ShouldBeFalse();
        await File.WriteAllTextAsync(_folder.Complete, "", _timeout.Token);
        await waiting;
        _readiness.ApiAnswers.ShouldBeTrue();
    }

    [Fact]
    public async Task A_process_that_is_only_there_does_not_serve()
    {
        Write("control-plane", serving: false);
        Serve("worker-1");
        await File.WriteAllTextAsync(_folder.Complete, "", _timeout.Token);
        var waiting = _readiness.WaitAsync(_timeout.Token);
        (_readiness.ApiAnswers, string.Join(',', _readiness.Missing)).ShouldBe((false, "worker-2"));
        await _timeout.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    public void Dispose()
    {
        _timeout.Dispose();
        _temporary.Dispose();
    }

    private void Serve(string process) => Write(process, serving: true);

    private void Write(string process, bool serving)
    {
        var planned = _cluster.Processes.Single(one => one.Name == process);
        _folder.Write(new ProcessRecord(planned.Name, planned.Role, 1, "", planned.Port, planned.Arguments, serving));
    }
}
