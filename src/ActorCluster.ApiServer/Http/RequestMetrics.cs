using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>How many requests came, by what they asked for and how they were answered: /metrics, in Prometheus's text format.</summary>
/// <remarks>The metric and its labels are upstream's (apiserver/pkg/endpoints/metrics/metrics.go, apiserver_request_total). A watch counts when it ends.</remarks>
internal sealed class RequestMetrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<Asked, long> _totals = new();

    /// <param name="path">Null for what is no resource.</param>
    public void Count(HttpContext context, ResourcePath? path) => _totals.AddOrUpdate(Describe(context, path), 1, static (_, count) => count + 1);

    /// <summary>In a fixed order.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder("# HELP apiserver_request_total Counter of apiserver requests broken out for each verb, group, version, resource, scope, and HTTP response code.\n# TYPE apiserver_request_total counter\n");
        foreach (var (asked, count) in _totals.OrderBy(total => total.Key))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"apiserver_request_total{{code=\"{asked.Code}\",group=\"{asked.Group}\",resource=\"{asked.Resource}\",scope=\"{asked.Scope}\",subresource=\"{asked.Subresource}\",verb=\"{asked.Verb}\",version=\"{asked.Version}\"}} {count}\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static Asked Describe(HttpContext context, ResourcePath? path)
    {
        var method = context.Request.Method;
        var code = context.Response.StatusCode;
        // Paths and verbs that nobody serves are the client's words, of which there are endlessly many.
        if (path is null || code is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed) return new Asked("", "", "", "", Known(method), "", code);
        var named = path.Name.Length > 0;
        var verb = path.Subresource is "proxy" or "exec" or "attach" or "portforward" ? "CONNECT"
            : method == "GET" && RequestOptions.Flag(context.Request.Query, "watch") == true ? "WATCH"
            : method == "GET" && !named ? "LIST"
            : method == "DELETE" && !named ? "DELETECOLLECTION"
            : Known(method);
        var scope = named ? "resource" : path.Namespace.Length > 0 ? "namespace" : "cluster";
        return new Asked(path.Resource.Group, path.Version, path.Resource.Plural, path.Subresource, verb, scope, code);
    }

    private static string Known(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" ? method : "other";

    private readonly record struct Asked(string Group, string Version, string Resource, string Subresource, string Verb, string Scope, int Code) : IComparable<Asked>
    {
        public int CompareTo(Asked other) => string.CompareOrdinal(ToString(), other.ToString());
    }
}
