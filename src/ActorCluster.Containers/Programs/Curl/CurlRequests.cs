using System.Globalization;
using System.Net;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>Makes the requests of a command line.</summary>
internal sealed class CurlRequests(ProcessContext context, CurlOptions options)
{
    private byte[]? _body;
    private string _bodyType = "application/x-www-form-urlencoded";

    public bool HasBody => options.Data.Count > 0 && !options.Get || options.Forms.Count > 0 || options.UploadFile is not null;

    public string InitialMethod => options.Method ?? (options.Head ? "HEAD" : options.UploadFile is not null ? "PUT" : HasBody ? "POST" : "GET");

    /// <exception cref="CurlFault">The URL is malformed (3), or its protocol isn't HTTP (1).</exception>
    public async Task<Uri> ParseUrlAsync(string text)
    {
        var url = text;
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0 && url[..scheme].ToLowerInvariant() is var given && given is not ("http" or "https"))
        {
            throw new CurlFault(CurlFault.UnsupportedProtocol, $"Protocol \"{given}\" not supported", afterConnecting: false);
        }
        if (scheme < 0) url = $"http://{url}";
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = url.IndexOfAny(['/', '?', '#'], start);
        if (end < 0) url += "/";
        else if (url[end] != '/') url = url.Insert(end, "/");
        if (end == start || start == url.Length - 1) throw Rejected("No host part in the URL");
        if (url.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0) throw Rejected("Malformed input to a URL function");
        if (options.UploadFile is { } upload && url.EndsWith('/') && upload != "-") url += Uri.EscapeDataString(upload[(upload.LastIndexOf('/') + 1)..]);
        if (options.Get && options.Data.Count > 0) url += (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + Encoding.UTF8.GetString(await ReadDataAsync());
        var asIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = !url.Contains("/.", StringComparison.Ordinal) && !url.Contains('#', StringComparison.Ordinal) };
        if (Uri.TryCreate(url, asIs, out var uri)) return uri;
        var authority = url[start..url.IndexOf('/', start)];
        var port = authority[(authority.LastIndexOf(':') + 1)..];
        throw Rejected(authority.Contains(':', StringComparison.Ordinal) && (!ushort.TryParse(port, CultureInfo.InvariantCulture, out _))
            ? "Port number was not a decimal number between 0 and 65535"
            : "Bad hostname");

        static CurlFault Rejected(string why) => new(CurlFault.MalformedUrl, $"URL rejected: {why}", afterConnecting: false);
    }

    /// <param name="withBody">False after a redirect that turned a POST into a GET.</param>
    /// <param name="withCredentials">False after a redirect to another host.</param>
    public async Task<HttpRequestMessage> CreateAsync(Uri uri, string method, bool withBody, bool withCredentials)
    {
        var message = new HttpRequestMessage(new HttpMethod(method), uri)
        {
            Version = options.Http10 ? HttpVersion.Version10 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (withBody && HasBody) message.Content = await CreateContentAsync();
        var own = new List<(string Name, string Value)>();
        var user = options.User ?? (uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(uri.UserInfo) : null);
        if (user is not null && withCredentials) own.Add(("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(user.Contains(':', StringComparison.Ordinal) ? user : $"{user}:"))}"));
        if (options.Range is { } range) own.Add(("Range", $"bytes={range}"));
        if (options.UserAgent != "") own.Add(("User-Agent", options.UserAgent ?? $"curl/{CurlOptions.Version}"));
        own.Add(("Accept", options.Json ? "application/json" : "*/*"));
        if (options.Compressed) own.Add(("Accept-Encoding", "deflate, gzip, br"));
        if (options.Referer is { } referer) own.Add(("Referer", referer));
        if (options.Cookie is { } cookie) own.Add(("Cookie", cookie));

        var given = options.Headers.Select(Split).ToList();
        foreach (var (name, value) in own)
        {
            if (!given.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) Add(message, name, value);
        }
        foreach (var (name, value) in given)
        {
            // "Name:" removes a header of curl's own, "Name;" sends it empty.
            if (value is not null) Add(message, name, value);
        }
        return message;
    }

    private static void Add(HttpRequestMessage message, string name, string value)
    {
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) return;
        if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
        {
            message.Content ??= new ByteArrayContent([]);
            message.Content.Headers.Remove(name);
            message.Content.Headers.TryAddWithoutValidation(name, value);
            return;
        }
        message.Headers.TryAddWithoutValidation(name, value);
    }

    private static (string Name, string? Value) Split(string header)
    {
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return header.EndsWith(';') ? (header[..^1], "") : (header, null);
        var value = header[(colon + 1)..].Trim();
        return (header[..colon].Trim(), value.Length > 0 ? value : null);
    }

    private async Task<HttpContent> CreateContentAsync()
    {
        if (options.Forms.Count > 0) return await CreateFormAsync();
        if (options.UploadFile is { } upload) return await CreateUploadAsync(upload);
        _body ??= await ReadDataAsync();
        if (options.Json) _bodyType = "application/json";
        var content = new ByteArrayContent(_body);
        content.Headers.ContentLength = _body.Length;
        content.Headers.TryAddWithoutValidation("Content-Type", _bodyType);
        return content;
    }

    private async Task<HttpContent> CreateUploadAsync(string file)
    {
        // From standard input the length isn't known: chunked, as curl does.
        if (file is "-" or ".") return new StreamContent(new InputReader(context));
        var bytes = await ReadFileAsync(file, CurlFault.ReadError, $"Failed to open/read local data from file/application: '{file}'");
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentLength = bytes.Length;
        return content;
    }

    private async Task<HttpContent> CreateFormAsync()
    {
        var boundary = "------------------------" + string.Concat(Enumerable.Range(0, 22).Select(_ => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[context.Simulation.Random.Next(62)]));
        var form = new MultipartContent("form-data", boundary);
        form.Headers.Remove("Content-Type");
        form.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={boundary}");
        foreach (var field in options.Forms)
        {
            var (name, value) = field.Split('=', 2) is [var before, var after] ? (before, after) : throw new CurlFault(CurlFault.FailedInitialization, $"Illegally formatted input field: {field}", afterConnecting: false);
            form.Add(await CreatePartAsync(name, value));
        }
        return form;
    }

    private async Task<HttpContent> CreatePartAsync(string name, string value)
    {
        if (value is not ['@' or '<', ..])
        {
            var text = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
            text.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"{name}\"");
            return text;
        }
        var parts = value[1..].Split(';');
        var bytes = await ReadFileAsync(parts[0], CurlFault.ReadError, $"Failed to open/read local data from file/application: '{parts[0]}'");
        var content = new ByteArrayContent(bytes);
        var type = parts.Skip(1).FirstOrDefault(part => part.StartsWith("type=", StringComparison.Ordinal))?[5..];
        var fileName = parts.Skip(1).FirstOrDefault(part => part.StartsWith("filename=", StringComparison.Ordinal))?[9..] ?? parts[0][(parts[0].LastIndexOf('/') + 1)..];
        content.Headers.TryAddWithoutValidation("Content-Disposition", value[0] == '@' ? $"form-data; name=\"{name}\"; filename=\"{fileName}\"" : $"form-data; name=\"{name}\"");
        if (value[0] == '@' || type is not null) content.Headers.TryAddWithoutValidation("Content-Type", type ?? "application/octet-stream");
        return content;
    }

    private async Task<byte[]> ReadDataAsync()
    {
        using var body = new MemoryStream();
        foreach (var data in options.Data)
        {
            // --json puts its parts together as they are.
            if (body.Length > 0 && !options.Json) body.WriteByte((byte)'&');
            body.Write(data.Kind switch
            {
                CurlDataKind.UrlEncoded => await UrlEncodeAsync(data.Text),
                CurlDataKind.Raw => Encoding.UTF8.GetBytes(data.Text),
                _ when !data.Text.StartsWith('@') => Encoding.UTF8.GetBytes(data.Text),
                CurlDataKind.Plain => [.. (await ReadDataFileAsync(data.Text[1..])).Where(b => b is not ((byte)'\r' or (byte)'\n' or 0))],
                _ => await ReadDataFileAsync(data.Text[1..]),
            });
        }
        return body.ToArray();
    }

    /// <summary>"content", "=content", "name=content", "@file" or "name@file".</summary>
    private async Task<byte[]> UrlEncodeAsync(string text)
    {
        var at = text.IndexOfAny(['=', '@']);
        if (at < 0) return Encoding.ASCII.GetBytes(Uri.EscapeDataString(text));
        var name = text[..at];
        var content = text[at] == '=' ? text[(at + 1)..] : Encoding.UTF8.GetString(await ReadDataFileAsync(text[(at + 1)..]));
        return Encoding.ASCII.GetBytes((name.Length > 0 ? $"{name}=" : "") + Uri.EscapeDataString(content));
    }

    private Task<byte[]> ReadDataFileAsync(string file) => ReadFileAsync(file, CurlFault.FailedInitialization, $"Failed to open {file}");

    private async Task<byte[]> ReadFileAsync(string file, int code, string message)
    {
        using var whole = new MemoryStream();
        try
        {
            await using Stream source = file == "-" ? new InputReader(context) : context.Files.Open(context.FullPath(file), FileOpen.Read);
            await source.CopyToAsync(whole, context.Killed);
            return whole.ToArray();
        }
        catch (FileFaultException)
        {
            throw new CurlFault(code, message, afterConnecting: false);
        }
    }
}
