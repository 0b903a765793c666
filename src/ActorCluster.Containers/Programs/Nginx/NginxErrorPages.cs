using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The short pages that nginx makes itself, and its own reason phrases.</summary>
internal static class NginxErrorPages
{
    /// <summary>Where nginx's words aren't the RFC's.</summary>
    private static readonly FrozenDictionary<int, string> OwnTitles = new Dictionary<int, string>
    {
        [401] = "Authorization Required",
        [405] = "Not Allowed",
        [408] = "Request Time-out",
        [413] = "Request Entity Too Large",
        [414] = "Request-URI Too Large",
        [416] = "Requested Range Not Satisfiable",
        [503] = "Service Temporarily Unavailable",
        [504] = "Gateway Time-out",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<int> WithPage = FrozenSet.Create(
        301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 421, 429, 500, 501, 502, 503, 504, 505, 507);

    public static string? ReasonPhrase(int status) => status switch
    {
        302 => "Moved Temporarily",
        401 => "Unauthorized",
        _ => OwnTitles.GetValueOrDefault(status),
    };

    /// <returns>Empty for a status without a page.</returns>
    public static byte[] Page(int status, string serverHeader)
    {
        if (!WithPage.Contains(status)) return [];
        var title = string.Create(CultureInfo.InvariantCulture, $"{status} {(OwnTitles.TryGetValue(status, out var own) ? own : ReasonPhrases.GetReasonPhrase(status))}");
        return Encoding.ASCII.GetBytes(
            $"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{serverHeader}</center>\r\n</body>\r\n</html>\r\n");
    }

    public static bool MayHaveBody(int status) => status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) && status >= 200;
}
