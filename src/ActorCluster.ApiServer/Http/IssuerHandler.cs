using System.Text;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Authentication;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Tells whoever wants to check service accounts' tokens by himself how to (pkg/routes/openidmetadata.go).</summary>
internal sealed class IssuerHandler(ServiceAccountTokens tokens)
{
    private const string ConfigurationPath = "/.well-known/openid-configuration";
    private const string CacheControl = "public, max-age=3600";

    public static readonly string[] Paths = [ConfigurationPath, ServiceAccountTokens.KeysPath];

    public static bool Handles(PathString path) => path == ConfigurationPath || path == ServiceAccountTokens.KeysPath;

    /// <exception cref="StatusException">It isn't asked by GET.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) throw StatusException.MethodNotAllowed();
        var (document, contentType) = context.Request.Path == ServiceAccountTokens.KeysPath ? (tokens.PublicKeys(), "application/jwk-set+json") : (tokens.Configuration(), Answers.Json);
        await Answers.WriteAsync(context, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(document.ToJsonString(JsonDocuments.CompactJson)), contentType, CacheControl);
    }
}
