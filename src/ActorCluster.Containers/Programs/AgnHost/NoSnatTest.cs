using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost no-snat-test and no-snat-test-proxy: whether other pods see this one by its own address.</summary>
internal static class NoSnatTest
{
    public static IReadOnlyList<GoFlag> Flags { get; } = [new("port", GoFlagKind.Text, "8080")];
    public static IReadOnlyList<GoFlag> ProxyFlags { get; } = [new("port", GoFlagKind.Text, "31235")];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        foreach (var name in new[] { "POD_IP", "NODE_IP" })
        {
            if (!agnhost.Process.Environment.TryGetValue(name, out var given)) return await FailAsync(agnhost, $"{name} env var was not present in the environment");
            if (!IpAddress.TryParse(given, out _)) return await FailAsync(agnhost, $"{name} env var contained \"{given}\", which is not an IP address");
        }
        var (pod, node) = (agnhost.Process.Environment["POD_IP"], agnhost.Process.Environment["NODE_IP"]);
        return await ServeAsync(agnhost, http => http.Request.Path.Value switch
        {
            "/whoami" => GoHttp.WriteAsync(http, GoHttp.RemoteAddress(http)),
            "/checknosnat" => CheckAllAsync(agnhost, http, pod, node),
            _ => GoHttp.NotFoundAsync(http),
        });
    }

    public static Task<int> RunProxyAsync(AgnHostContext agnhost) =>
        ServeAsync(agnhost, http => http.Request.Path == "/checknosnat" ? ForwardAsync(agnhost, http) : GoHttp.NotFoundAsync(http));

    private static async Task<int> ServeAsync(AgnHostContext agnhost, RequestDelegate handler) =>
        ushort.TryParse(agnhost.Flags.Text("port"), out var port) ? await agnhost.ServeAsync(port, handler)
            : await FailAsync(agnhost, $"listen tcp: lookup tcp/{agnhost.Flags.Text("port")}: unknown port");

    private static async Task CheckAllAsync(AgnHostContext agnhost, HttpContext http, string pod, string node)
    {
        List<string> faults = [];
        foreach (var target in Query(http, "ips").Split(','))
        {
            if (await CheckAsync(agnhost, $"http://{target}/whoami", pod, node, http.RequestAborted) is { } fault) faults.Add(fault);
        }
        await GoHttp.WriteAsync(http, string.Join(", ", faults), faults.Count > 0 ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK);
    }

    /// <returns>Null if the target sees this pod as itself.</returns>
    private static async Task<string?> CheckAsync(AgnHostContext agnhost, string url, string pod, string node, CancellationToken cancellationToken)
    {
        string seen;
        try
        {
            // Upstream's, too, is for IPv4 alone.
            seen = (await GoHttpClient.GetAsync(agnhost, url, cancellationToken)).Body.Split(':')[0];
        }
        catch (GoException fault)
        {
            return fault.Message;
        }
        if (seen == pod) return null;
        return seen == node ? $"Returned ip \"{seen}\" != my Pod ip \"{pod}\", == my Node ip \"{node}\" - SNAT"
            : $"Returned ip \"{seen}\" != my Pod ip \"{pod}\" or my Node ip \"{node}\" - SNAT to unexpected ip (possible SNAT through unexpected interface on the way into another node)";
    }

    private static async Task ForwardAsync(AgnHostContext agnhost, HttpContext http)
    {
        var url = $"http://{Query(http, "target")}/checknosnat?ips={Query(http, "ips")}";
        try
        {
            var (status, body) = await GoHttpClient.GetAsync(agnhost, url, http.RequestAborted);
            await GoHttp.WriteAsync(http, body, status);
        }
        catch (GoException fault)
        {
            await GoHttp.WriteAsync(http, $"error querying \"{url}\", err: {fault.Message}", StatusCodes.Status500InternalServerError);
        }
    }

    private static string Query(HttpContext http, string name) => http.Request.Query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] ?? "" : "";

    private static async Task<int> FailAsync(AgnHostContext agnhost, string message)
    {
        await agnhost.Process.PrintErrorAsync(message + "\n");
        return 1;
    }
}
