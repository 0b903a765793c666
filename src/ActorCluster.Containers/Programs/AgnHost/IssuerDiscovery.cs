using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost test-service-account-issuer-discovery: checks a service account's token by nothing but what its issuer publishes (OpenID Connect Discovery 1.0).</summary>
internal static class IssuerDiscovery
{
    public static IReadOnlyList<GoFlag> Flags { get; } = [new("token-path", GoFlagKind.Text, ""), new("audience", GoFlagKind.Text, "")];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        string token;
        var path = agnhost.Flags.Text("token-path");
        try
        {
            using var reader = new StreamReader(agnhost.Process.Files.Open(agnhost.Process.FullPath(path), FileOpen.Read));
            token = await reader.ReadToEndAsync(agnhost.Process.Killed);
        }
        catch (FileFaultException fault)
        {
            return await agnhost.DieAsync(GoText.PathError("open", path, fault));
        }
        await agnhost.LogAsync("OK: Got token");
        await agnhost.LogAsync("validating with in-cluster discovery");
        try
        {
            using var api = InClusterApi.Open(agnhost);
            try
            {
                await ValidateAsync(agnhost, token, url => api.GetAsync(url, agnhost.Process.Killed));
                return 0;
            }
            catch (GoException fault)
            {
                await agnhost.LogAsync($"failed to validate with in-cluster discovery: {fault.Message}");
            }
            await agnhost.LogAsync("falling back to validating with external discovery");
            // Without the cluster's authority and without the token.
            await ValidateAsync(agnhost, token, async url => (await GoHttpClient.GetAsync(agnhost, url, agnhost.Process.Killed)).Body);
            return 0;
        }
        catch (GoException fault)
        {
            return await agnhost.DieAsync(fault.Message);
        }
    }

    /// <exception cref="GoException">The token is not what its issuer gave out for this audience.</exception>
    private static async Task ValidateAsync(AgnHostContext agnhost, string raw, Func<string, Task<string>> getAsync)
    {
        var token = WebToken.Parse(raw.Trim());
        var issuer = token.Text("iss");
        await agnhost.LogAsync($"OK: got issuer {issuer}");
        await agnhost.LogAsync($"Full, not-validated claims: \n{token.Claims.ToJsonString()}");

        var configuration = Parse(await getAsync(issuer.TrimEnd('/') + "/.well-known/openid-configuration"));
        if (configuration["issuer"]?.ToString() is var published && published != issuer) throw new GoException($"oidc: issuer did not match the issuer returned by provider, expected \"{issuer}\" got \"{published}\"");
        await agnhost.LogAsync($"OK: Constructed OIDC provider for issuer {issuer}");

        var audience = agnhost.Flags.Text("audience");
        if (!token.Audiences.Contains(audience)) throw new GoException($"oidc: expected audience \"{audience}\" got [{string.Join(' ', token.Audiences.Select(GoText.Quote))}]");
        if (token.Expires <= agnhost.Process.Clock.GetUtcNow()) throw new GoException($"oidc: token is expired (Token Expiry: {token.Expires:yyyy-MM-dd HH:mm:ss} +0000 UTC)");
        var keys = Parse(await getAsync(configuration["jwks_uri"]?.ToString() ?? ""))["keys"]?.AsArray().OfType<JsonObject>() ?? [];
        if (!keys.Any(token.IsSignedBy)) throw new GoException("failed to verify signature: failed to verify id token signature");
        await agnhost.LogAsync("OK: Validated signature on JWT");
        await agnhost.LogAsync("OK: Got valid claims from token!");
        await agnhost.LogAsync($"Full, validated claims: \n{token.Claims.ToJsonString()}");
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text)?.AsObject() ?? throw new GoException("oidc: failed to decode provider discovery object");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new GoException($"oidc: failed to decode provider discovery object: {fault.Message}");
        }
    }
}
