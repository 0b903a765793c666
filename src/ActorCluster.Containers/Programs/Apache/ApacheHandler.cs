using System.Globalization;
using System.Net;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ActorCluster.Containers.Programs.Apache;

/// <summary>Answers requests with files below the document root, as httpd's core, mod_dir and mod_autoindex do.</summary>
internal sealed class ApacheHandler(IFileSystem files, ApacheConfiguration configuration, ApacheLog log, TimeProvider clock)
{
    private static readonly Dictionary<string, string> Types = new()
    {
        [".html"] = "text/html", [".htm"] = "text/html", [".css"] = "text/css", [".js"] = "text/javascript", [".txt"] = "text/plain", [".log"] = "text/plain", [".xml"] = "application/xml",
        [".json"] = "application/json", [".png"] = "image/png", [".gif"] = "image/gif", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg", [".svg"] = "image/svg+xml", [".ico"] = "image/vnd.microsoft.icon",
        [".pdf"] = "application/pdf", [".zip"] = "application/zip", [".gz"] = "application/x-gzip", [".wasm"] = "application/wasm", [".mp4"] = "video/mp4", [".mp3"] = "audio/mpeg",
    };

    public async Task HandleAsync(HttpContext http)
    {
        var began = clock.GetUtcNow();
        http.Response.Headers.Server = configuration.Server;
        if (http.Request.Headers.Connection.ToString().Contains("keep-alive", StringComparison.OrdinalIgnoreCase))
        {
            http.Response.Headers.KeepAlive = "timeout=5, max=100";
            http.Response.Headers.Connection = "Keep-Alive";
        }
        var bytes = await AnswerAsync(http);
        var line = $"{http.Request.Method} {http.Request.PathBase}{http.Request.Path.ToUriComponent()}{http.Request.QueryString} {http.Request.Protocol}";
        await log.WriteAccessAsync(http.Connection.RemoteIpAddress!.ToString(), began, line, http.Response.StatusCode, bytes);
    }

    /// <returns>The body's bytes.</returns>
    private async Task<long> AnswerAsync(HttpContext http)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsOptions(method))
        {
            http.Response.Headers.Allow = "OPTIONS,HEAD,GET,POST";
            return 0;
        }
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method)) return Refuse(http, StatusCodes.Status405MethodNotAllowed, $"The requested method {WebUtility.HtmlEncode(method)} is not allowed for this URL.");
        var url = http.Request.Path.Value ?? "/";
        var path = configuration.DocumentRoot + url;
        try
        {
            var status = files.Stat(path.Length > 1 ? path.TrimEnd('/') : path);
            if (status.Kind != FileKind.Directory) return url.EndsWith('/') ? NotFound(http) : await SendAsync(http, path, status);
            if (!url.EndsWith('/'))
            {
                var location = $"http://{http.Request.Host}{http.Request.Path.ToUriComponent()}/{http.Request.QueryString}";
                http.Response.Headers.Location = location;
                return Refuse(http, StatusCodes.Status301MovedPermanently, $"The document has moved <a href=\"{WebUtility.HtmlEncode(location)}\">here</a>.");
            }
            foreach (var index in configuration.DirectoryIndex)
            {
                if (files.Exists(path + index)) return await SendAsync(http, path + index, files.Stat(path + index));
            }
            return Send(http, StatusCodes.Status200OK, List(path, url), "text/html;charset=ISO-8859-1");
        }
        catch (FileFaultException fault)
        {
            if (fault.Fault is FileFault.PermissionDenied or FileFault.TooManyLinks) return Refuse(http, StatusCodes.Status403Forbidden, "You don't have permission to access this resource.");
            return NotFound(http);
        }
    }

    private async Task<long> SendAsync(HttpContext http, string path, FileStatus status)
    {
        var response = http.Response;
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{status.Length:x}-{(status.Modified.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond:x}\"");
        var answer = FileAnswer.Decide(http.Request.Headers, status.Length, status.Modified, tag);
        if (answer.StatusCode == StatusCodes.Status412PreconditionFailed) return Refuse(http, answer.StatusCode, "The precondition on the request for this URL evaluated to false.");
        response.Headers.LastModified = HttpDate.Format(status.Modified);
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        if (answer.StatusCode == StatusCodes.Status416RangeNotSatisfiable)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{status.Length}");
            return Refuse(http, answer.StatusCode, "None of the range-specifier values in the Range request-header field overlap the current extent of the selected resource.");
        }
        response.StatusCode = answer.StatusCode;
        if (answer.StatusCode == StatusCodes.Status304NotModified) return 0;
        response.ContentLength = answer.Length;
        if (Types.TryGetValue(Path.GetExtension(path).ToLowerInvariant(), out var type)) response.ContentType = type;
        if (answer.StatusCode == StatusCodes.Status206PartialContent)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {answer.Offset}-{answer.Offset + answer.Length - 1}/{status.Length}");
        if (HttpMethods.IsHead(http.Request.Method)) return 0;
        await answer.SendAsync(files, path, response, http.RequestAborted);
        return answer.Length;
    }

    private static long NotFound(HttpContext http) => Refuse(http, StatusCodes.Status404NotFound, "The requested URL was not found on this server.");

    private static long Refuse(HttpContext http, int status, string words)
    {
        var reason = ReasonPhrases.GetReasonPhrase(status);
        if (status == StatusCodes.Status405MethodNotAllowed) http.Response.Headers.Allow = "OPTIONS,HEAD,GET,POST";
        return Send(http, status, string.Create(
            CultureInfo.InvariantCulture,
            $"<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {reason}</title>\n</head><body>\n<h1>{reason}</h1>\n<p>{words}</p>\n</body></html>\n"), "text/html; charset=iso-8859-1");
    }

    private static long Send(HttpContext http, int status, string page, string type)
    {
        var body = Encoding.UTF8.GetBytes(page);
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        if (HttpMethods.IsHead(http.Request.Method)) return 0;
        http.Response.WriteBody(body);
        return body.Length;
    }

    private string List(string path, string url)
    {
        var title = WebUtility.HtmlEncode(url.Length > 1 ? url.TrimEnd('/') : url);
        var page = new StringBuilder($"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n <head>\n  <title>Index of {title}</title>\n </head>\n <body>\n<h1>Index of {title}</h1>\n<ul>");
        if (url.Length > 1) page.Append("<li><a href=\"../\"> Parent Directory</a></li>\n");
        foreach (var name in files.List(path).Where(name => name[0] != '.').Order(StringComparer.Ordinal))
        {
            var slash = files.Stat(path + name).Kind == FileKind.Directory ? "/" : "";
            page.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{Uri.EscapeDataString(name)}{slash}\"> {WebUtility.HtmlEncode(name)}{slash}</a></li>\n");
        }
        return page.Append("</ul>\n</body></html>\n").ToString();
    }
}
