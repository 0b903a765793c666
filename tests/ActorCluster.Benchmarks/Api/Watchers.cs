using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Api;

/// <summary>The other process of <see cref="FanOutBenchmark"/>: many clients, each with a connection of its own, that watch and count; a line out for each event that all of them have.</summary>
internal static class Watchers
{
    public const string Role = "watchers";

    /// <summary>A certificate with its key, as an argument.</summary>
    public static string Passed(X509Certificate2 certificate) => Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12));

    public static async Task RunAsync(string address, string count, string certificate, string authority)
    {
        using var own = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(certificate), null);
        using var issuer = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(authority));
        var watchers = int.Parse(count, CultureInfo.InvariantCulture);
        var tally = new Tally(watchers);
        var clients = new List<HttpClient>();
        for (var i = 0; i < watchers; i++)
        {
            var client = RunningApi.NewClient(own, issuer, new Uri(address));
            clients.Add(client);
            var events = await client.GetStreamAsync(new Uri(address));
            _ = CountAsync(events, tally);
        }
        await ChildProcess.ReadyAsync();
        foreach (var client in clients) client.Dispose();
    }

    private static async Task CountAsync(Stream events, Tally tally)
    {
        var buffer = new byte[4096];
        while (await events.ReadAsync(buffer) is > 0 and var length) tally.Add(buffer.AsSpan(0, length).Count((byte)'\n'));
    }

    /// <summary>The next event is made once all have the one before, so that it is enough to count.</summary>
    private sealed class Tally(int watchers)
    {
        private int _seen;

        public void Add(int events)
        {
            for (; events > 0; events--)
                if (Interlocked.Increment(ref _seen) % watchers == 0) Console.WriteLine("all");
        }
    }
}
