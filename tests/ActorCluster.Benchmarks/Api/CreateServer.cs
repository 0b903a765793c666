using System.Globalization;
using ActorCluster.Store.Backends;

namespace ActorCluster.Benchmarks.Api;

/// <summary>The other process of <see cref="CreateBenchmark"/>: an API server on SQLite, with a control plane's runtime settings, and the yardstick in the same process and on the same disk.</summary>
internal static class CreateServer
{
    public const string Role = "create-server";

    /// <summary>A line in: from here on the batches count.</summary>
    public const string Record = "record";

    /// <summary>A line in, with a number of milliseconds: for so long the batches are written by bare SQLite; a line out, with the rows a second and how many a transaction had.</summary>
    public const string Replay = "replay";

    public static async Task RunAsync(string folder)
    {
        var recording = new RecordingBackend(new SqliteBackend(Path.Combine(folder, "store.db")));
        await using var api = await RunningApi.StartAsync(recording, CancellationToken.None);
        Console.WriteLine($"ready {api.Address} {Watchers.Passed(api.Certificates.Admin)} {Convert.ToBase64String(api.Certificates.Authority.RawData)}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            if (words[0] == Record)
            {
                recording.Batches.Clear();
                Console.WriteLine(Record);
                continue;
            }
            var duration = TimeSpan.FromMilliseconds(long.Parse(words[1], CultureInfo.InvariantCulture));
            var rows = BareSqlite.Replay(Path.Combine(folder, "bare.db"), recording.Batches, duration);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} {recording.Batches.Average(batch => batch.Length)}"));
        }
    }
}
