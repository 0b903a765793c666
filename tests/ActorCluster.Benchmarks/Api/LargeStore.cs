using System.Diagnostics;
using System.Globalization;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Store.Backends;
using Microsoft.Data.Sqlite;

namespace ActorCluster.Benchmarks.Api;

/// <summary>The other processes of <see cref="StoreMemoryBenchmark"/> and <see cref="RestartBenchmark"/>: what is done with a store of many pods, each from nothing.</summary>
internal static class LargeStore
{
    public const string FillRole = "store-fill";
    public const string ServeRole = "store-serve";
    public const string ReadRole = "store-read";

    /// <summary>Says how many bytes of memory so many pods took, resident and managed, and how many bytes their JSON has.</summary>
    public static async Task FillAsync(string file, string pods)
    {
        await using var api = await RunningApi.StartAsync(new SqliteBackend(file), CancellationToken.None);
        // So that what they need once, whatever their number, doesn't count.
        await SamplePods.FillAsync(api.Pipeline, api.Store, 100);
        var before = Pods.IdlePods.Settled();
        var bytes = await SamplePods.FillAsync(api.Pipeline, api.Store, int.Parse(pods, CultureInfo.InvariantCulture));
        var after = Pods.IdlePods.Settled();
        await ChildProcess.ReadyAsync(after.Resident - before.Resident, after.Managed - before.Managed, bytes);
    }

    /// <summary>Says how many milliseconds it takes until the first client is answered over HTTPS, from a file.</summary>
    public static async Task ServeAsync(string file)
    {
        var clock = Stopwatch.StartNew();
        await using var api = await RunningApi.StartAsync(new SqliteBackend(file), CancellationToken.None);
        using var client = RunningApi.NewClient(api.Certificates, api.Address);
        await client.GetByteArrayAsync("/api/v1/namespaces/default/pods/sample");
        await ChildProcess.ReadyAsync((long)clock.Elapsed.TotalMilliseconds);
    }

    /// <summary>Says how many milliseconds it takes to read all rows of a file, with nothing but SQLite.</summary>
    public static async Task ReadAsync(string file)
    {
        var clock = Stopwatch.StartNew();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM versions";
        using var rows = command.ExecuteReader();
        var values = new object[rows.FieldCount];
        while (rows.Read()) rows.GetValues(values);
        await ChildProcess.ReadyAsync((long)clock.Elapsed.TotalMilliseconds);
    }
}
