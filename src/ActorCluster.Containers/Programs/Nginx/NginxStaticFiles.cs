using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Files of the container: try_files, index, autoindex, and the file itself with conditions and ranges.</summary>
internal sealed class NginxStaticFiles(IFileSystem files, NginxVariables variables, NginxLog log)
{
    /// <returns>Null when one of the files is there; the request's URI is then that file's.</returns>
    public NginxOutcome? TryFiles(NginxRequest request)
    {
        var candidates = request.Location.TryFiles;
        for (var i = 0; i < candidates.Length - 1; i++)
        {
            var uri = candidates[i].Expand(name => variables.Get(request, name));
            if (!uri.StartsWith('/')) uri = "/" + uri;
            var wantsDirectory = uri.EndsWith('/');
            var path = variables.MapPath(request, uri);
            if (Stat(wantsDirectory && path.Length > 1 ? path.TrimEnd('/') : path, out _) is not { } found || found.Kind == FileKind.Directory != wantsDirectory) continue;
            request.Uri = uri;
            return null;
        }
        var last = candidates[^1].Expand(name => variables.Get(request, name));
        if (last.StartsWith('=')) return NginxOutcome.Error(int.Parse(last.AsSpan(1), CultureInfo.InvariantCulture));
        return NginxOutcome.Redirect(last);
    }

    public async Task<NginxOutcome> ServeAsync(NginxRequest request, Action<NginxRequest, int> prepareHead)
    {
        var method = request.Http.Request.Method;
        // An error page is served whatever the failed request's method was.
        var isPost = HttpMethods.IsPost(method) && !request.InErrorPage;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsPost(method) && !request.InErrorPage) return NginxOutcome.Error(StatusCodes.Status405MethodNotAllowed);
        if (request.Uri.EndsWith('/')) return await ServeDirectoryAsync(request, prepareHead);

        var path = variables.MapPath(request);
        if (Stat(path, out var fault) is not { } status) return await RefuseAsync(request, path, fault!);
        if (status.Kind == FileKind.Directory)
        {
            request.Http.Response.Headers.Location = AbsoluteUrl(request, Escape(request.Uri) + "/" + (request.Arguments.Length > 0 ? "?" + request.Arguments : ""));
            return NginxOutcome.Error(StatusCodes.Status301MovedPermanently);
        }
        return isPost ? NginxOutcome.Error(StatusCodes.Status405MethodNotAllowed) : await SendFileAsync(request, path, status, prepareHead);
    }

    /// <summary>By the URI's extension.</summary>
    public static string ContentType(NginxRequest request)
    {
        var name = request.Uri[(request.Uri.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
        return dot >= 0 && request.Settings.Types.TryGetValue(name[(dot + 1)..], out var type) ? type : request.Settings.DefaultType;
    }

    /// <summary>With the scheme and the host that the client asked for, and the port unless it is 80.</summary>
    public static string AbsoluteUrl(NginxRequest request, string path) => request.Port == 80
        ? $"http://{request.Host}{path}"
        : string.Create(CultureInfo.InvariantCulture, $"http://{request.Host}:{request.Port}{path}");

    private async Task<NginxOutcome> ServeDirectoryAsync(NginxRequest request, Action<NginxRequest, int> prepareHead)
    {
        var directory = variables.MapPath(request);
        foreach (var template in request.Settings.Index)
        {
            var index = template.Expand(name => variables.Get(request, name));
            if (index.StartsWith('/')) return NginxOutcome.Redirect(index);
            if (Stat(directory + index, out _) is { Kind: not FileKind.Directory }) return NginxOutcome.Redirect(request.Uri + index);
        }
        if (Stat(directory.Length > 1 ? directory.TrimEnd('/') : directory, out var fault) is not { } status)
        {
            var first = request.Settings.Index[0].Expand(name => variables.Get(request, name));
            return await RefuseAsync(request, directory + first, fault!);
        }
        if (status.Kind != FileKind.Directory)
        {
            await log.WriteErrorAsync(request, $"\"{directory}\" is not a directory");
            return NginxOutcome.Error(StatusCodes.Status404NotFound);
        }
        if (!request.Settings.AutoIndex)
        {
            await log.WriteErrorAsync(request, $"directory index of \"{directory}\" is forbidden");
            return NginxOutcome.Error(StatusCodes.Status403Forbidden);
        }
        var body = Encoding.UTF8.GetBytes(ListDirectory(request.Uri, directory));
        request.Http.Response.ContentType = "text/html";
        request.Http.Response.ContentLength = body.Length;
        prepareHead(request, StatusCodes.Status200OK);
        if (request.IsHead) return NginxOutcome.Done;
        request.BodyBytes = body.Length;
        request.Http.Response.WriteBody(body);
        return NginxOutcome.Done;
    }

    private async Task<NginxOutcome> SendFileAsync(NginxRequest request, string path, FileStatus status, Action<NginxRequest, int> prepareHead)
    {
        var response = request.Http.Response;
        var entityTag = string.Create(CultureInfo.InvariantCulture, $"\"{status.Modified.ToUnixTimeSeconds():x}-{status.Length:x}\"");
        var answer = request.InErrorPage
            ? new FileAnswer(StatusCodes.Status200OK, 0, status.Length)
            : FileAnswer.Decide(request.Http.Request.Headers, status.Length, status.Modified, entityTag);
        if (answer.StatusCode == StatusCodes.Status412PreconditionFailed) return NginxOutcome.Error(answer.StatusCode);
        if (answer.StatusCode == StatusCodes.Status416RangeNotSatisfiable)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{status.Length}");
            return NginxOutcome.Error(answer.StatusCode);
        }

        response.Headers.LastModified = HttpDate.Format(status.Modified);
        response.Headers.ETag = entityTag;
        prepareHead(request, answer.StatusCode);
        if (answer.StatusCode == StatusCodes.Status304NotModified) return NginxOutcome.Done;
        response.ContentType = ContentType(request);
        response.ContentLength = answer.Length;
        if (answer.StatusCode == StatusCodes.Status206PartialContent)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {answer.Offset}-{answer.Offset + answer.Length - 1}/{status.Length}");
        }
        else if (!request.InErrorPage)
        {
            response.Headers.AcceptRanges = "bytes";
        }
        if (request.IsHead) return NginxOutcome.Done;
        request.BodyBytes = answer.Length;
        await answer.SendAsync(files, path, response, request.Http.RequestAborted);
        return NginxOutcome.Done;
    }

    private async Task<NginxOutcome> RefuseAsync(NginxRequest request, string path, FileFaultException fault)
    {
        await log.WriteErrorAsync(request, $"open() \"{path}\" failed ({Errno.Describe(fault)})");
        return NginxOutcome.Error(fault.Fault switch
        {
            FileFault.NotFound or FileFault.NotADirectory or FileFault.NameTooLong => StatusCodes.Status404NotFound,
            FileFault.PermissionDenied or FileFault.TooManyLinks => StatusCodes.Status403Forbidden,
            _ => StatusCodes.Status500InternalServerError,
        });
    }

    private FileStatus? Stat(string path, out FileFaultException? fault)
    {
        try
        {
            fault = null;
            return files.Stat(path);
        }
        catch (FileFaultException failed)
        {
            fault = failed;
            return null;
        }
    }

    private string ListDirectory(string uri, string directory)
    {
        const int nameColumn = 50;
        var title = System.Net.WebUtility.HtmlEncode(uri);
        var page = new StringBuilder($"<html>\r\n<head><title>Index of {title}</title></head>\r\n<body>\r\n<h1>Index of {title}</h1><hr><pre><a href=\"../\">../</a>\r\n");
        var entries = files.List(directory)
            .Where(name => name[0] != '.')
            .Select(name => (name, status: Stat($"{directory}{name}", out _)))
            .Where(entry => entry.status is not null)
            .OrderBy(entry => entry.status!.Value.Kind != FileKind.Directory).ThenBy(entry => entry.name, StringComparer.Ordinal);
        foreach (var (name, status) in entries)
        {
            var isDirectory = status!.Value.Kind == FileKind.Directory;
            var shown = isDirectory ? name + "/" : name;
            var cut = shown.Length > nameColumn ? shown[..(nameColumn - 3)] + "..>" : shown;
            var date = status.Value.Modified.ToString("dd-MMM-yyyy HH:mm", CultureInfo.InvariantCulture);
            var size = isDirectory ? "-" : status.Value.Length.ToString(CultureInfo.InvariantCulture);
            page.Append(CultureInfo.InvariantCulture, $"<a href=\"{Uri.EscapeDataString(name)}{(isDirectory ? "/" : "")}\">{System.Net.WebUtility.HtmlEncode(cut)}</a>")
                .Append(' ', nameColumn - cut.Length + 1)
                .Append(CultureInfo.InvariantCulture, $"{date}{size,20}\r\n");
        }
        return page.Append("</pre><hr></body>\r\n</html>\r\n").ToString();
    }

    private static string Escape(string uri) => string.Join('/', uri.Split('/').Select(Uri.EscapeDataString));
}
