using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>The request that wget sends for a URL.</summary>
internal static class WgetRequest
{
    /// <param name="begin">How many bytes of the file are here already.</param>
    public static async Task<HttpRequestMessage> CreateAsync(ToolContext tool, WgetOptions options, WgetUrl target, long begin)
    {
        var post = options.PostText is { } text ? Encoding.UTF8.GetBytes(text) : options.PostPath is { } path ? await tool.ReadAllAsync(tool.Open(path)) : null;
        Uri uri;
        try
        {
            uri = target.ToUri();
        }
        catch (UriFormatException)
        {
            throw new ToolException($"bad address '{target.Host}'");
        }
        var request = new HttpRequestMessage(post is null ? HttpMethod.Get : HttpMethod.Post, uri) { Content = post is null ? null : new ByteArrayContent(post) };
        request.Headers.Host = target.Host;
        request.Headers.ConnectionClose = true;
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        if (target.User is { } user) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        if (begin > 0) request.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={begin}-"));
        request.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        foreach (var group in options.Headers.GroupBy(header => header.Name, StringComparer.OrdinalIgnoreCase))
        {
            request.Headers.Remove(group.Key);
            if (request.Headers.TryAddWithoutValidation(group.Key, group.Select(header => header.Value))) continue;
            // A header that belongs to a body, such as Content-Type.
            request.Content ??= new ByteArrayContent([]);
            request.Content.Headers.Remove(group.Key);
            request.Content.Headers.TryAddWithoutValidation(group.Key, group.Select(header => header.Value));
        }
        return request;
    }
}
