using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>Requests and answers as they go on: what belongs to one connection stays there (RFC 9110 section 7.6.1), the rest is passed.</summary>
internal static class ProxyMessages
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    public static HttpRequestMessage Request(HttpContext context, ProxyTarget target, ProxyPath asked)
    {
        var given = context.Request;
        var url = $"{target.Scheme}://{target.Authority}{(asked.Rest.Length == 0 ? "/" : asked.Rest)}{asked.Query}";
        var request = new HttpRequestMessage(new HttpMethod(given.Method), new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true) request.Content = new StreamContent(given.Body);
        var dropped = Dropped(given.Headers.Connection);
        foreach (var (name, values) in given.Headers)
        {
            // The client proved itself to this server; that is nobody else's business.
            if (dropped.Contains(name) || name is "Host" or "Authorization" || name.StartsWith(':')) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }
        if (IsUpgrade(given))
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", given.Headers.Upgrade.ToString());
        }
        request.Headers.Host = given.Host.Value;
        request.Headers.Remove("X-Forwarded-For");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", given.Headers["X-Forwarded-For"].Append(context.Connection.RemoteIpAddress?.ToString()).Where(f => !string.IsNullOrEmpty(f)));
        request.Headers.Remove("X-Forwarded-Uri");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", asked.Prefix + asked.Rest);
        return request;
    }

    public static void Copy(HttpResponseMessage answer, HttpResponse to, ProxyPath asked, string target, string host)
    {
        to.StatusCode = (int)answer.StatusCode;
        var dropped = Dropped(answer.Headers.NonValidated.TryGetValues("Connection", out var named) ? string.Join(',', named) : "");
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (dropped.Contains(name)) continue;
            to.Headers[name] = name.Equals("Location", StringComparison.OrdinalIgnoreCase)
                ? asked.Rewrite(values.First(), target, host)
                : values.ToArray();
        }
    }

    public static bool IsUpgrade(HttpRequest request) =>
        request.Headers.Upgrade.Count > 0 && request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> Dropped(string? connection) =>
        new(HopByHop.Concat((connection ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), StringComparer.OrdinalIgnoreCase);
}
