using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost guestbook: texts by name in a primary, which hands each on to the replicas that registered with it, and a frontend that asks them by the
/// names of their services, agnhost-primary and agnhost-replica (test/images/agnhost/guestbook/guestbook.go).</summary>
internal sealed class Guestbook(AgnHostContext agnhost)
{
    private static readonly TimeSpan RegistrationPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RegistrationPause = TimeSpan.FromSeconds(1);

    private readonly GoDialer _dialer = new(agnhost);
    private readonly Lock _lock = new();
    private readonly List<string> _replicas = [];
    private SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("http-port", GoFlagKind.Integer, "80"),
        new("backend-port", GoFlagKind.Integer, "6379"),
        new("replicaof", GoFlagKind.Text, ""),
    ];

    private ushort BackendPort => (ushort)agnhost.Flags.Number("backend-port");

    public static Task<int> RunAsync(AgnHostContext agnhost) => new Guestbook(agnhost).RunAsync();

    private async Task<int> RunAsync()
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(agnhost.Process.Killed);
        var serving = agnhost.ServeAsync(agnhost.Flags.Number("http-port"), AnswerAsync, failed.Token);
        if (agnhost.Flags.Text("replicaof") is not { Length: > 0 } primary) return await serving;
        var registering = RegisterAsync(primary, failed.Token);
        if (await Task.WhenAny(serving, registering) == registering && await registering is { } why)
        {
            await failed.CancelInOrderAsync();
            await serving;
            return await agnhost.DieAsync(why);
        }
        var code = await serving;
        await failed.CancelInOrderAsync();
        await registering;
        return code;
    }

    /// <returns>Why it can't go on; null if it can.</returns>
    private async Task<string?> RegisterAsync(string primary, CancellationToken ended)
    {
        var clock = agnhost.Process.Clock;
        try
        {
            for (var start = clock.GetUtcNow(); clock.GetUtcNow() - start < RegistrationPatience; await Task.Delay(RegistrationPause, clock, ended))
            {
                try
                {
                    var remote = new SocketAddress(await agnhost.ResolveAsync(primary), BackendPort);
                    var request = $"register?host={Uri.EscapeDataString(agnhost.Process.Network.AddressTowards(remote.Address).ToString())}";
                    await agnhost.LogAsync($"Registering to primary: {primary}:{BackendPort}/{request}");
                    Take(await _dialer.GetAsync(remote, request));
                    await agnhost.LogAsync($"Registered to node: {primary}");
                    return null;
                }
                catch (GoException fault)
                {
                    await agnhost.LogAsync($"encountered error while registering to primary: {fault.Message}. Retrying in 1s.");
                }
            }
            return "Timed out while registering to primary.";
        }
        catch (JsonException fault)
        {
            return $"Error while unmarshaling primary's response: {fault.Message}";
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>What the primary has at the time of the registration.</summary>
    /// <exception cref="JsonException">It isn't what a primary says.</exception>
    private void Take(string answer)
    {
        if (JsonNode.Parse(answer)?["data"] is not JsonObject data) throw new JsonException("there is no data");
        var texts = new SortedDictionary<string, string>(data.ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? ""), StringComparer.Ordinal);
        lock (_lock) _texts = texts;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (path, query) = (http.Request.Path.Value, http.Request.QueryString.Value);
        if (path is not ("/register" or "/get" or "/set" or "/guestbook"))
        {
            await GoHttp.NotFoundAsync(http);
            return;
        }
        await agnhost.LogAsync($"GET {path}{query}");
        await (path switch
        {
            "/register" => RegisteredAsync(http),
            "/get" => GetAsync(http),
            "/set" => SetAsync(http),
            _ => AskAsync(http),
        });
    }

    private async Task RegisteredAsync(HttpContext http)
    {
        var host = Value(http, "host");
        string answer;
        lock (_lock)
        {
            answer = Data(_texts);
            _replicas.Add(host);
        }
        await GoHttp.WriteAsync(http, answer);
        await agnhost.LogAsync($"Node '{host}' registered.");
    }

    private Task GetAsync(HttpContext http)
    {
        var key = Value(http, "key");
        string answer;
        lock (_lock) answer = key.Length == 0 ? Data(_texts) : Data(_texts.GetValueOrDefault(key, ""));
        return GoHttp.WriteAsync(http, answer);
    }

    private async Task SetAsync(HttpContext http)
    {
        var (key, value) = (Value(http, "key"), Value(http, "value"));
        if (key.Length == 0)
        {
            await GoHttp.ErrorAsync(http, "cannot set with empty key.", StatusCodes.Status400BadRequest);
            return;
        }
        List<string> replicas;
        lock (_lock)
        {
            _texts[key] = value;
            replicas = [.. _replicas];
        }
        foreach (var replica in replicas)
        {
            try
            {
                await _dialer.GetAsync(new SocketAddress(await agnhost.ResolveAsync(replica), BackendPort), Request("set", key, value));
            }
            catch (GoException fault)
            {
                await GoHttp.ErrorAsync(http, $"encountered error while propagating to replica '{replica}': {fault.Message}", StatusCodes.Status417ExpectationFailed);
                return;
            }
        }
        await GoHttp.WriteAsync(http, GoHttp.Json(new Dictionary<string, string> { ["message"] = "Updated" }));
    }

    private async Task AskAsync(HttpContext http)
    {
        var (command, key, value) = (Value(http, "cmd").ToLowerInvariant(), Value(http, "key"), Value(http, "value"));
        var fault = command is not ("get" or "set") ? $"unsupported cmd: '{command}'" : command == "set" && key.Length == 0 ? "cannot set with empty key." : null;
        if (fault is not null)
        {
            await GoHttp.ErrorAsync(http, fault, StatusCodes.Status400BadRequest);
            return;
        }
        IpAddress address;
        try
        {
            address = await agnhost.ResolveAsync(command == "get" ? "agnhost-replica" : "agnhost-primary");
        }
        catch (GoException unknown)
        {
            await GoHttp.ErrorAsync(http, $"host and/or port param are invalid. {unknown.Message}", StatusCodes.Status400BadRequest);
            return;
        }
        try
        {
            await GoHttp.WriteAsync(http, await _dialer.GetAsync(new SocketAddress(address, BackendPort), Request(command, key, value)));
        }
        catch (GoException failed)
        {
            await GoHttp.ErrorAsync(http, $"encountered error: {failed.Message}", StatusCodes.Status417ExpectationFailed);
        }
    }

    private static string Request(string command, string key, string value) =>
        string.Create(CultureInfo.InvariantCulture, $"{command}?key={Uri.EscapeDataString(key)}&value={Uri.EscapeDataString(value)}");

    private static string Value(HttpContext http, string name) => http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] ?? "" : "";

    private static string Data(object data) => GoHttp.Json(new Dictionary<string, object> { ["data"] = data });
}
