using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>One request on its way through the locations.</summary>
internal sealed class NginxRequest
{
    public NginxRequest(HttpContext http, NginxServer server, ushort port, DateTimeOffset started)
    {
        Http = http;
        Server = server;
        Port = port;
        Started = started;
        Location = server.Root;
        var path = http.Request.Path.Value is { Length: > 0 } value ? value : "/";
        Uri = path.Contains("//", StringComparison.Ordinal) ? Regex.Replace(path, "/{2,}", "/") : path;
        Arguments = http.Request.QueryString.Value is { Length: > 0 } query ? query[1..] : "";
        RawTarget = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Host = http.Request.Host.Host is { Length: > 0 } host ? host.ToLowerInvariant() : server.PrimaryName;
    }

    public HttpContext Http { get; }
    public NginxServer Server { get; }

    /// <summary>The server's port ($server_port).</summary>
    public ushort Port { get; }

    public DateTimeOffset Started { get; }

    /// <summary>Decoded, normalized, and changed by internal redirects ($uri).</summary>
    public string Uri { get; set; }

    public string Arguments { get; set; }

    /// <summary>As the client sent it ($request_uri).</summary>
    public string RawTarget { get; }

    public string Host { get; }
    public NginxLocation Location { get; set; }
    public Match? Captures { get; set; }
    public bool IsInternal { get; set; }

    /// <summary>What an error_page answers with instead of 200.</summary>
    public int? ForcedStatus { get; set; }

    public bool InErrorPage { get; set; }
    public long BodyBytes { get; set; }
    public string UpstreamAddress { get; set; } = "";
    public string UpstreamStatus { get; set; } = "";
    public Dictionary<string, string> Variables { get; } = [];
    public NginxSettings Settings => Location.Settings;
    public bool IsHead => HttpMethods.IsHead(Http.Request.Method);

    /// <summary>"GET /x HTTP/1.1".</summary>
    public string RequestLine => $"{Http.Request.Method} {RawTarget} {Http.Request.Protocol}";
}

/// <summary>What a step decided: the answer is given, or another URI or an error page has to.</summary>
internal readonly record struct NginxOutcome(NginxOutcomeKind Kind, int Status = 0, string Uri = "")
{
    public static readonly NginxOutcome Done = new(NginxOutcomeKind.Done);

    public static NginxOutcome Error(int status) => new(NginxOutcomeKind.Error, Status: status);

    /// <param name="uri">May carry arguments; "@name" for a named location.</param>
    public static NginxOutcome Redirect(string uri) => new(NginxOutcomeKind.Redirect, Uri: uri);
}

internal enum NginxOutcomeKind
{
    Done,
    Redirect,
    Error,
}
