using System.IO.Pipelines;
using ActorCluster.ApiServer.Http;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Store.Backends;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorCluster.Benchmarks.Api;

/// <summary>What one list of 5,000 pods allocates in the server, from the request to the last byte handed over.</summary>
internal sealed class ListAllocationBenchmark(string id, string subject, string acceptEncoding) : IBenchmark
{
    private const int Pods = 5_000;
    private const int Lists = 20;

    public string Id => id;
    public string Subject => subject;
    public string Yardstick => "";

    /// <summary>A reference to each object, and as much again; the objects themselves are 200 times as large.</summary>
    public Bar Bar => Bar.AtMost(Pods * 16 / 1024.0, "KB");

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        await using var api = await RunningApi.StartAsync(new MemoryBackend(), cancellationToken);
        var bytes = await SamplePods.FillAsync(api.Pipeline, api.Store, Pods);
        var handler = ApiServerHost.HandlerOf(
            new ApiServerOptions { Pipeline = api.Pipeline, Certificates = api.Certificates, Streams = RunningApi.Streams, Simulation = SimulationContext.RealTime(1), Logging = NullLoggerFactory.Instance },
            cancellationToken);
        var amounts = new List<double>();
        for (var round = -1; round < settings.Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Lists; i++) await ListAsync(handler, api);
            var allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / 1024.0 / Lists;
            if (round >= 0) amounts.Add(allocated);
        }
        return new Measurement(SideBySide.Median(amounts), null, "KB", $"the objects have {bytes / 1024:N0} KB");
    }

    private async Task ListAsync(RequestDelegate handler, RunningApi api)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = "/api/v1/namespaces/default/pods";
        if (acceptEncoding.Length > 0) context.Request.Headers.AcceptEncoding = acceptEncoding;
        context.Connection.ClientCertificate = api.Certificates.Admin;
        context.Features.Set<IHttpResponseBodyFeature>(new Sink());
        await handler(context);
        if (context.Response.StatusCode != StatusCodes.Status200OK) throw new InvalidOperationException($"The list was answered {context.Response.StatusCode}.");
    }

    /// <summary>Takes answers, and has room for them already.</summary>
    private sealed class Sink : PipeWriter, IHttpResponseBodyFeature
    {
        private static readonly byte[] Room = new byte[1 << 17];

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => this;

        public override Memory<byte> GetMemory(int sizeHint = 0) => Room;

        public override Span<byte> GetSpan(int sizeHint = 0) => Room;

        public override void Advance(int bytes)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(default(FlushResult));

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
