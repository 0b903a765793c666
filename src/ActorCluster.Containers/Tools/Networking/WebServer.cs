using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>busybox's httpd: the files of one folder, a connection for each request. No CGI.</summary>
internal sealed class WebServer
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        ["txt"] = "text/plain", ["h"] = "text/plain", ["c"] = "text/plain", ["html"] = "text/html", ["htm"] = "text/html", ["jpg"] = "image/jpeg", ["jpeg"] = "image/jpeg", ["gif"] = "image/gif",
        ["png"] = "image/png", ["svg"] = "image/svg+xml", ["css"] = "text/css", ["js"] = "text/javascript", ["wav"] = "audio/wav", ["avi"] = "video/x-msvideo", ["mp3"] = "audio/mpeg",
        ["json"] = "application/json", ["pdf"] = "application/pdf", ["zip"] = "application/zip", ["xml"] = "text/xml",
    }.ToFrozenDictionary();

    private readonly ToolContext _tool;
    private readonly string _home;
    private readonly int _verbosity;

    private WebServer(ToolContext tool, Options options)
    {
        _tool = tool;
        _home = tool.Normalize(options.Value('h') ?? ".");
        _verbosity = options.Given.Count(given => given.Letter == 'v');
    }

    public static Tool Tool => new(
        "httpd",
        "[-fv[v]] [-c CONFFILE] [-p [IP:]PORT] [-M MAXCONN] [-h HOME]\nor httpd -d/-e STRING\n\nListen for incoming HTTP requests\n\n\t-f\t\tRun in foreground\n\t-v[v]\t\tVerbose\n\t-p [IP:]PORT\tBind to IP:PORT (default *:80)\n" +
        "\t-M NUM\t\tPause if NUM connections are open (default 256)\n\t-h HOME\t\tHome directory (default .)\n\t-e STRING\tHTML encode STRING\n\t-d STRING\tURL decode STRING",
        RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("fvp:M:h:c:u:r:e:d:");
        if (options.Operands.Count > 0) throw new UsageException();
        if (options.Value('d') is { } encoded) return await PrintAsync(tool, Uri.UnescapeDataString(encoded.Replace('+', ' ')));
        if (options.Value('e') is { } plain) return await PrintAsync(tool, string.Concat(plain.Select(c => char.IsAsciiLetterOrDigit(c) ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};"))) + "\n");
        var server = new WebServer(tool, options);
        if (tool.Find(server._home) is not { Kind: FileKind.Directory }) throw new ToolException($"can't change directory to '{options.Value('h')}': No such file or directory");
        var socket = server.Bind(options.Value('p') ?? "80");
        if (options.Has('f')) return await server.ServeAsync(socket, options);

        // As a fork that the parent doesn't wait for.
        tool.Process.Processes.Start(new ProcessSpec(tool.Words, tool.Process.Environment, "/", EmptyInput.Instance, tool.Process.Stdout, tool.Process.Stderr)
        {
            Program = new DelegateProgram(child => new WebServer(new ToolContext(Tool, child, tool.Words), options).ServeAsync(socket, options)),
            Group = 0,
        });
        return 0;
    }

    private static async Task<int> PrintAsync(ToolContext tool, string text)
    {
        await tool.Out.WriteTextAsync(text);
        return 0;
    }

    private ITcpListener Bind(string text)
    {
        var colon = text.LastIndexOf(':');
        var address = colon < 0 ? IpAddress.AnyV6 : IpAddress.TryParse(text[..colon].Trim('[', ']'), out var given) ? given : throw new ToolException($"bad address '{text}'");
        try
        {
            return _tool.Process.Network.ListenTcp(new SocketAddress(address, Hosts.Port(text[(colon + 1)..])));
        }
        catch (SocketFaultException fault)
        {
            throw new ToolException($"bind: {fault.Message}");
        }
    }

    private async Task<int> ServeAsync(ITcpListener listener, Options options)
    {
        var server = _tool.Process.Services.GetRequiredService<SharedHttpServer>();
        var limits = new HttpServeOptions { MaxConnections = options.Value('M') is { } maximum ? (int)Math.Clamp(ToolContext.Number(maximum), 1, 65535) : 256 };
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_tool.Killed);
        // Handled so that it also ends as the container's first process.
        foreach (var signal in new[] { Signals.Terminate, Signals.Interrupt }) _tool.Process.Signals.Handle(signal, stopping.Cancel);
        await server.ServeAsync(listener, AnswerAsync, limits, killed: stopping.Token);
        return 128 + Signals.Terminate;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (_verbosity > 1) await _tool.WriteErrorAsync($"{Client(http)}: url:{http.Request.Path}\n");
        http.Response.Headers.Connection = "close";
        var status = await TryAnswerAsync(http);
        if (_verbosity > 0) await _tool.WriteErrorAsync(string.Create(CultureInfo.InvariantCulture, $"{Client(http)}: response:{status}\n"));
    }

    private async Task<int> TryAnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) return Refuse(http, StatusCodes.Status501NotImplemented, "");
        var url = http.Request.Path.Value ?? "/";
        var path = _home.TrimEnd('/') + url;
        if (_tool.Find(path.Length > 1 ? path.TrimEnd('/') : path) is { Kind: FileKind.Directory })
        {
            if (!url.EndsWith('/'))
            {
                http.Response.Headers.Location = url + "/" + http.Request.QueryString;
                return Refuse(http, StatusCodes.Status302Found, "");
            }
            path += "index.html";
        }
        if (_tool.Find(path) is not { Kind: FileKind.Regular } file) return Refuse(http, StatusCodes.Status404NotFound, "The requested URL was not found");

        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{file.Modified.ToUnixTimeSeconds():x}-{file.Length:x}\"");
        var answer = FileAnswer.Decide(http.Request.Headers, file.Length, file.Modified, tag);
        http.Response.StatusCode = answer.StatusCode;
        if (answer.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent)) return answer.StatusCode;
        http.Response.Headers.AcceptRanges = "bytes";
        http.Response.Headers.LastModified = HttpDate.Format(file.Modified);
        http.Response.Headers.ETag = tag;
        http.Response.ContentType = Types.GetValueOrDefault(path[(path.LastIndexOf('.') + 1)..].ToLowerInvariant());
        http.Response.ContentLength = answer.Length;
        if (answer.StatusCode == StatusCodes.Status206PartialContent)
            http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {answer.Offset}-{answer.Offset + answer.Length - 1}/{file.Length}");
        if (!HttpMethods.IsHead(http.Request.Method)) await answer.SendAsync(_tool.Files, path, http.Response, http.RequestAborted);
        return answer.StatusCode;
    }

    private static int Refuse(HttpContext http, int status, string words)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{status} {ReasonPhrases.GetReasonPhrase(status)}");
        var page = Encoding.ASCII.GetBytes($"<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\n{words}\n</BODY></HTML>\n");
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html";
        http.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) http.Response.WriteBody(page);
        return status;
    }

    private static string Client(HttpContext http) =>
        new SocketAddress(IpAddress.From(http.Connection.RemoteIpAddress!), (ushort)http.Connection.RemotePort).ToString();
}
