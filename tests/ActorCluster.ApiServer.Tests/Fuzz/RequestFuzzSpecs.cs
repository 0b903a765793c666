using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using Xunit.Abstractions;

namespace ActorCluster.ApiServer.Tests.Fuzz;

/// <summary>
/// Spoilt requests over real HTTPS: whatever comes, the answer is the client's fault or good, never the server's, and comes. FUZZ_REQUESTS says how many (200000 take some
/// minutes), FUZZ_SEED from which seed on.
/// </summary>
public sealed partial class RequestFuzzSpecs(ITestOutputHelper output)
{
    /// <summary>So many requests a server, so that what they create doesn't pile up.</summary>
    private const int Round = 2_000;

    private const int Senders = 4;

    /// <summary>What a server may hold after a round, in bytes: far more than it takes, far less than a request that explodes.</summary>
    private const long MostMemory = 1L << 30;

    /// <summary>No answer within this is a hang, on any machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly int Requests = Number("FUZZ_REQUESTS", 2_000);
    private static readonly int Seed = Number("FUZZ_SEED", 1);

    [Fact]
    public async Task No_request_is_more_than_the_server_can_take()
    {
        var counts = new SortedDictionary<int, int>();
        for (var done = 0; done < Requests; done += Round)
        {
            await using var server = await TestServer.StartAsync();
            var numbers = Enumerable.Range(done, Math.Min(Round, Requests - done));
            await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (number, _) =>
            {
                var random = new Random(Seed * 1_000_003 + number);
                var request = new RequestMutator(random).Mutate(RealRequests.All[random.Next(RealRequests.All.Count)]);
                var status = await SendAsync(server, request, number);
                lock (counts) counts[status] = counts.GetValueOrDefault(status) + 1;
            });
            GC.GetTotalMemory(forceFullCollection: true).ShouldBeLessThan(MostMemory);
        }
        output.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key}: {c.Value}")));
        // The requests got far enough to be good ones too.
        counts.Keys.ShouldContain(201);
        counts.Keys.ShouldContain(422);
    }

    private static async Task<int> SendAsync(TestServer server, FuzzedRequest fuzzed, int number)
    {
        using var message = new HttpRequestMessage(new HttpMethod(fuzzed.Method), new Uri(server.Address + fuzzed.Path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (fuzzed.Body.Length > 0 || fuzzed.Method is "POST" or "PUT" or "PATCH")
        {
            message.Content = new ByteArrayContent(fuzzed.Body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(fuzzed.ContentType);
        }
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var response = await server.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            // A watch that has begun goes on until its client leaves.
            if (response.IsSuccessStatusCode && fuzzed.Path.Contains("watch", StringComparison.Ordinal)) return (int)response.StatusCode;
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            var status = (int)response.StatusCode;
            // 502 and 503: there is no node to ask, and the answer says so; 504: a revision from the future.
            if (status is >= 500 and not (502 or 503 or 504) && !IsWithoutRange(body)) Assert.Fail($"request {number} was answered {status} {System.Text.Encoding.UTF8.GetString(body)}\n{fuzzed}");
            if (status >= 400 && fuzzed.Method != "HEAD" && response.Content.Headers.ContentType?.MediaType == "application/json") CheckStatus(body, status, number, fuzzed);
            return status;
        }
        catch (Exception fault) when (fault is OperationCanceledException or HttpRequestException)
        {
            Assert.Fail($"request {number} was not answered: {fault}\n{fuzzed}");
            throw;
        }
    }

    /// <summary>Where all ranges of service addresses were deleted: upstream's one answer of this kind (allocIPs in pkg/registry/core/service/storage/alloc.go, for ErrFull).</summary>
    private static bool IsWithoutRange(byte[] body) =>
        JsonNode.Parse(body) is JsonObject answer && answer.GetString("reason") == "InternalError"
        && WithoutRange().IsMatch(answer.GetString("message") ?? "");

    [GeneratedRegex("^Internal error occurred: failed to allocate a serviceIP for Service \".*\": range is full$", RegexOptions.Singleline)]
    private static partial Regex WithoutRange();

    private static void CheckStatus(byte[] body, int status, int number, FuzzedRequest fuzzed)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject answer && answer.GetString("kind") == "Status" && answer.GetInteger("code") == status && answer.GetString("status") == "Failure") return;
        }
        catch (JsonException fault)
        {
            Assert.Fail($"request {number} was answered with no JSON: {fault.Message}\n{fuzzed}");
        }
        Assert.Fail($"request {number} was answered {status} without a Status: {System.Text.Encoding.UTF8.GetString(body)}\n{fuzzed}");
    }

    private static int Number(string variable, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : standard;
}
