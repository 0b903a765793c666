using System.IO.Compression;
using static System.Text.Encoding;

namespace ActorCluster.ApiServer.Proxy;

/// <summary>HTML pages on their way through the proxy: their links to the far end's own paths lead through the proxy as well, so that a browser can follow them.</summary>
/// <remarks>apimachinery/pkg/util/proxy/transport.go, rewriteResponse. What is compressed in another way than gzip or deflate passes as it is.</remarks>
internal static class ProxyPages
{
    public static bool Rewrites(HttpResponseMessage answer) =>
        string.Equals(answer.Content.Headers.ContentType?.MediaType, "text/html", StringComparison.OrdinalIgnoreCase)
        && answer.Headers.Location is null
        && EncodingOf(answer) is "" or "gzip" or "deflate";

    /// <returns>The page as it goes to the client, in the encoding that it came in.</returns>
    public static async Task<byte[]> RewriteAsync(HttpResponseMessage answer, Func<string, string> rewrite, CancellationToken cancellationToken)
    {
        var encoding = EncodingOf(answer);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await using var decoded = encoding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new DeflateStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var page = new MemoryStream();
        await decoded.CopyToAsync(page, cancellationToken);
        var bytes = Latin1.GetBytes(HtmlLinks.Rewrite(Latin1.GetString(page.GetBuffer(), 0, (int)page.Length), rewrite));
        if (encoding.Length == 0) return bytes;
        using var result = new MemoryStream();
        await using (Stream encoder = encoding == "gzip" ? new GZipStream(result, CompressionLevel.Optimal, leaveOpen: true) : new DeflateStream(result, CompressionLevel.Optimal, leaveOpen: true))
        {
            await encoder.WriteAsync(bytes, cancellationToken);
        }
        return result.ToArray();
    }

    private static string EncodingOf(HttpResponseMessage answer) => string.Join(',', answer.Content.Headers.ContentEncoding);
}
