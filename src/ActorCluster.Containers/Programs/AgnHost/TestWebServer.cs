using System.Globalization;
using System.Net;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost test-webserver: every file of the container, as Go's http.FileServer serves it.</summary>
internal static class TestWebServer
{
    private static readonly Dictionary<string, string> Types = new()
    {
        [".html"] = "text/html; charset=utf-8", [".htm"] = "text/html; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".json"] = "application/json",
        [".xml"] = "text/xml; charset=utf-8", [".png"] = "image/png", [".gif"] = "image/gif", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg", [".svg"] = "image/svg+xml", [".pdf"] = "application/pdf",
    };

    public static IReadOnlyList<GoFlag> Flags { get; } = [new("port", GoFlagKind.Integer, "80")];

    public static Task<int> RunAsync(AgnHostContext agnhost) => agnhost.ServeAsync(agnhost.Flags.Number("port"), http => AnswerAsync(agnhost, http));

    private static async Task AnswerAsync(AgnHostContext agnhost, HttpContext http)
    {
        var files = agnhost.Process.Files;
        var headers = http.Response.Headers;
        headers.CacheControl = "private";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlAllowHeaders = "DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type";
        http.Request.Headers.IfModifiedSince = default;
        var path = http.Request.Path.Value ?? "/";
        try
        {
            var status = files.Stat(path.Length > 1 ? path.TrimEnd('/') : path);
            if (status.Kind == FileKind.Directory)
            {
                if (!path.EndsWith('/'))
                {
                    http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
                    headers.Location = path[(path.LastIndexOf('/') + 1)..] + "/";
                    return;
                }
                if (!files.Exists(path + "index.html"))
                {
                    await GoHttp.WriteAsync(http, List(files, path), contentType: "text/html; charset=utf-8");
                    return;
                }
                status = files.Stat(path += "index.html");
            }
            await SendAsync(files, http, path, status);
        }
        catch (FileFaultException fault)
        {
            if (fault.Fault == FileFault.PermissionDenied) await GoHttp.ErrorAsync(http, "403 Forbidden", StatusCodes.Status403Forbidden);
            else await GoHttp.NotFoundAsync(http);
        }
    }

    private static async Task SendAsync(IFileSystem files, HttpContext http, string path, FileStatus status)
    {
        var answer = FileAnswer.Decide(http.Request.Headers, status.Length, status.Modified, "\"\"");
        var response = http.Response;
        response.StatusCode = answer.StatusCode;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.LastModified = HttpDate.Format(status.Modified);
        if (answer.StatusCode is StatusCodes.Status416RangeNotSatisfiable or StatusCodes.Status412PreconditionFailed) return;
        response.ContentType = Types.GetValueOrDefault(Path.GetExtension(path).ToLowerInvariant(), "text/plain; charset=utf-8");
        response.ContentLength = answer.Length;
        if (answer.StatusCode == StatusCodes.Status206PartialContent)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {answer.Offset}-{answer.Offset + answer.Length - 1}/{status.Length}");
        if (!HttpMethods.IsHead(http.Request.Method)) await answer.SendAsync(files, path, response, http.RequestAborted);
    }

    private static string List(IFileSystem files, string path)
    {
        var page = new StringBuilder("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
        foreach (var name in files.List(path).Order(StringComparer.Ordinal))
        {
            var shown = files.Stat(path + name, followLinks: false).Kind == FileKind.Directory ? name + "/" : name;
            page.Append(CultureInfo.InvariantCulture, $"<a href=\"{string.Join('/', shown.Split('/').Select(Uri.EscapeDataString))}\">{WebUtility.HtmlEncode(shown)}</a>\n");
        }
        return page.Append("</pre>\n").ToString();
    }
}
