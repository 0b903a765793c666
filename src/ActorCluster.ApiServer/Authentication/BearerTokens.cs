using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorCluster.ApiServer.Authentication;

/// <summary>Who a request with "Authorization: Bearer TOKEN" comes from.</summary>
internal sealed class BearerTokens(ServiceAccountTokens tokens)
{
    private const string Scheme = "Bearer ";
    private static readonly string[] Audiences = [ServiceAccountTokens.Issuer];

    /// <summary>Null: there is no token, or it is nobody's.</summary>
    public async Task<ClientIdentity?> IdentifyAsync(HttpRequest request)
    {
        var header = request.Headers[HeaderNames.Authorization].ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        return (await tokens.CheckAsync(header[Scheme.Length..].Trim(), Audiences)).Identity;
    }
}
