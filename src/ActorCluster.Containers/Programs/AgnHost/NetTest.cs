using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>
/// agnhost nettest: pods of one service that find each other by its Endpoints, post to each other, and tell who has heard of whom
/// (test/images/agnhost/nettest/nettest.go): /read, /write, /status and /quit.
/// </summary>
internal sealed class NetTest(AgnHostContext agnhost)
{
    private const int MostMessages = 500;
    private const int Rounds = 15;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions AsGo = new();

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _sent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _received = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];
    private readonly List<string> _log = [];
    private bool _contacting = true;

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("port", GoFlagKind.Integer, "8080"),
        new("peers", GoFlagKind.Integer, "8"),
        new("service", GoFlagKind.Text, "nettest"),
        new("namespace", GoFlagKind.Text, "default"),
        new("delay-shutdown", GoFlagKind.Integer, "0"),
    ];

    private int Peers => agnhost.Flags.Number("peers");
    private string Service => agnhost.Flags.Text("service");
    private string Namespace => agnhost.Flags.Text("namespace");
    private TimeProvider Clock => agnhost.Process.Clock;

    /// <summary>Between two looks; for many peers longer, since each look is at all of them.</summary>
    private TimeSpan Pause => Second * Math.Max(5, Peers / 10);

    private TimeSpan Patience => Second * Math.Max(300, Peers);

    public static Task<int> RunAsync(AgnHostContext agnhost) => new NetTest(agnhost).RunAsync();

    private async Task<int> RunAsync()
    {
        if (Service.Length == 0) return await agnhost.DieAsync("Must provide -service flag.");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(agnhost.Process.Killed);
        var delay = agnhost.Flags.Number("delay-shutdown");
        if (delay > 0) agnhost.Process.Signals.Handle(Signals.Terminate, () => _ = EndLaterAsync(delay, over));
        var serving = agnhost.ServeAsync(agnhost.Flags.Number("port"), http => AnswerAsync(http, over), over.Token);
        var contacting = ContactOthersAsync(over.Token);
        if (await Task.WhenAny(serving, contacting) == contacting && await contacting is { } why)
        {
            await over.CancelInOrderAsync();
            await serving;
            return await agnhost.DieAsync(why);
        }

        var code = await serving;
        await over.CancelInOrderAsync();
        await contacting;
        return code;
    }

    private async Task EndLaterAsync(int seconds, CancellationTokenSource over)
    {
        await agnhost.LogAsync($"Sleeping {seconds} seconds before exit ...");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), Clock, over.Token);
            await over.CancelInOrderAsync();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return; // killed meanwhile
        }
    }

    private Task AnswerAsync(HttpContext http, CancellationTokenSource over) => http.Request.Path.Value switch
    {
        "/quit" => over.CancelInOrderAsync(),
        "/read" => GoHttp.WriteAsync(http, Read()),
        "/write" => WriteAsync(http),
        "/status" => GoHttp.WriteAsync(http, Status()),
        _ => GoHttp.NotFoundAsync(http),
    };

    private string Read()
    {
        lock (_lock)
        {
            // Maps and lists that nothing was put into are null in Go.
            return JsonSerializer.Serialize(new
            {
                agnhost.Hostname,
                Sent = _sent.Count == 0 ? null : _sent,
                Received = _received.Count == 0 ? null : _received,
                Errors = _errors.Count == 0 ? null : _errors,
                Log = _log.Count == 0 ? null : _log,
                StillContactingPeers = _contacting,
            }, Indented);
        }
    }

    private string Status()
    {
        lock (_lock)
        {
            if (_sent.Count >= Peers && _received.Count >= Peers) return "pass";
            if (_contacting) return "running";
            Note($"Declaring failure for {Namespace}/{Service} with {_sent.Count} sent and {_received.Count} received and {Peers} peers");
            return "fail";
        }
    }

    private async Task WriteAsync(HttpContext http)
    {
        using var body = new StreamReader(http.Request.Body, Encoding.UTF8);
        var (source, fault) = SourceOf(await body.ReadToEndAsync(http.RequestAborted));
        lock (_lock)
        {
            if (fault is not null) _errors.Add(fault);
            if (source.Length > 0) _received[source] = _received.GetValueOrDefault(source) + 1;
            else _errors.Add($"{agnhost.Hostname}: Got request with no source");
        }

        await GoHttp.WriteAsync(http, GoHttp.Json(new Dictionary<string, string> { ["Hostname"] = agnhost.Hostname }) + "\n");
    }

    private static (string Source, string? Fault) SourceOf(string body)
    {
        try
        {
            return (JsonNode.Parse(body) is JsonObject post && post["Source"] is JsonValue value && value.TryGetValue<string>(out var source) ? source : "", null);
        }
        catch (JsonException fault)
        {
            return ("", fault.Message);
        }
    }

    /// <returns>Why the program can't go on; null if it is done or ended.</returns>
    private async Task<string?> ContactOthersAsync(CancellationToken ended)
    {
        try
        {
            using var api = InClusterApi.Open(agnhost);
            if (await AwaitServerAsync(api, ended) is { } fault) return $"Unable to contact Kubernetes: {fault}";
            for (var start = Clock.GetUtcNow(); Clock.GetUtcNow() - start < Patience; await Task.Delay(Pause, Clock, ended))
            {
                var there = await EndpointsAsync(api, ended);
                if (there.Count >= Peers) break;
                Note(string.Create(CultureInfo.InvariantCulture,
                    $"{Namespace}/{Service} has {there.Count} endpoints ([{string.Join(' ', there)}]), which is less than {Peers} as expected. Waiting for all endpoints to come up."));
            }

            for (var round = 0; round < Rounds; round++)
            {
                foreach (var endpoint in await EndpointsAsync(api, ended)) await ContactAsync(endpoint, ended);
                await Task.Delay(Pause, Clock, ended);
            }

            lock (_lock) _contacting = false;
            return null;
        }
        catch (GoException fault)
        {
            return $"Unable to create config; error: {fault.Message}\n";
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<string?> AwaitServerAsync(InClusterApi api, CancellationToken ended)
    {
        string? last = null;
        for (var start = Clock.GetUtcNow(); Clock.GetUtcNow() - start < Patience; await Task.Delay(Pause + Second, Clock, ended))
        {
            try
            {
                await agnhost.LogAsync($"Server version: {JsonNode.Parse(await api.GetAsync("/version", ended))?["gitVersion"]}");
                return null;
            }
            catch (GoException fault)
            {
                last = fault.Message;
                await agnhost.LogAsync($"Unable to get server version: {last}; retrying.");
            }
        }

        return last;
    }

    private async Task<IReadOnlyList<string>> EndpointsAsync(InClusterApi api, CancellationToken ended)
    {
        try
        {
            var endpoints = JsonNode.Parse(await api.GetAsync($"/api/v1/namespaces/{Namespace}/endpoints/{Service}", ended));
            return
            [
                .. (endpoints?["subsets"]?.AsArray() ?? []).SelectMany(subset =>
                    from address in subset?["addresses"]?.AsArray() ?? []
                    from port in subset?["ports"]?.AsArray() ?? []
                    let ip = address["ip"]!.ToString()
                    select $"http://{(ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip)}:{port["port"]}").Distinct().Order(StringComparer.Ordinal),
            ];
        }
        catch (GoException fault)
        {
            Note($"Unable to read the endpoints for {Namespace}/{Service}: {fault.Message}.");
            return [];
        }
    }

    private async Task ContactAsync(string endpoint, CancellationToken ended)
    {
        Note($"Attempting to contact {endpoint}");
        using var client = SimulatedHttpClientFactory.Create(agnhost.Process);
        client.Timeout = Timeout.InfiniteTimeSpan;
        try
        {
            using var answer = await client.PostAsJsonAsync(new Uri(endpoint + "/write"), new { Source = agnhost.Hostname, Dest = endpoint }, AsGo, ended);
            if (JsonNode.Parse(await answer.Content.ReadAsStringAsync(ended))?["Hostname"]?.ToString() is not { } name) return;
            lock (_lock) _sent[name] = _sent.GetValueOrDefault(name) + 1;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException)
        {
            Note($"Warning: unable to contact the endpoint \"{endpoint}\": {fault.GetBaseException().Message}");
        }
    }

    private void Note(string message)
    {
        lock (_lock)
        {
            _log.Add(message);
            if (_log.Count > MostMessages) _log.RemoveAt(0);
        }
    }
}
