using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ActorCluster.ApiServer.Authentication;

/// <summary>Makes and checks the tokens of service accounts: JWTs bound to the account and to a pod, node or secret, as long as those live (pkg/serviceaccount/{claims,jwt}.go).</summary>
internal sealed class ServiceAccountTokens
{
    /// <summary>Who issues them and, where nothing else is asked for, whom they are for: kubeadm's --service-account-issuer.</summary>
    public const string Issuer = $"https://kubernetes.default.svc.{WellKnown.ClusterDomain}";

    /// <summary>Where the API server tells the <see cref="PublicKeys"/>.</summary>
    public const string KeysPath = "/openid/v1/jwks";

    private const string PrivateClaims = "kubernetes.io";
    private const string ExtraPrefix = "authentication.kubernetes.io/";
    private static readonly ResourceName ServiceAccounts = new("", "serviceaccounts");

    /// <summary>How far clocks may differ, and how long a token outlives the deletion of what it is bound to.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private readonly IObjectStore _store;
    private readonly SimulationContext _simulation;
    private readonly RandomSource _random;
    private readonly SigningCredentials _credentials;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public ServiceAccountTokens(ServiceAccountKey key, IObjectStore store, SimulationContext simulation)
    {
        (_store, _simulation, _random) = (store, simulation, simulation.Random.Child("service-account-tokens"));
        var id = Base64Url.EncodeToString(SHA256.HashData(key.Key.ExportSubjectPublicKeyInfo()));
        _credentials = new SigningCredentials(new ECDsaSecurityKey(key.Key) { KeyId = id }, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>What others check tokens with: a JSON Web Key Set (RFC 7517) of the public key.</summary>
    public JsonObject PublicKeys()
    {
        var key = (ECDsaSecurityKey)_credentials.Key;
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = JsonWebKeyUseNames.Sig,
                ["kty"] = JsonWebAlgorithmsKeyTypes.EllipticCurve,
                ["kid"] = key.KeyId,
                ["crv"] = JsonWebKeyECTypes.P256,
                ["alg"] = _credentials.Algorithm,
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            }),
        };
    }

    /// <summary>What OpenID Connect's discovery says of the issuer (pkg/serviceaccount/openidmetadata.go). The keys are at a place that pods reach as well.</summary>
    public JsonObject Configuration() => new()
    {
        ["issuer"] = Issuer,
        ["jwks_uri"] = Issuer + KeysPath,
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray(_credentials.Algorithm),
    };

    /// <summary>A token that is good from now on for so many seconds.</summary>
    public string Issue(TokenSubject subject, IReadOnlyList<string> audiences, long seconds, long? warnAfter)
    {
        var now = _simulation.Clock.GetUtcNow().ToUnixTimeSeconds();
        var bound = new JsonObject { ["namespace"] = subject.Account.Namespace, ["serviceaccount"] = Reference(subject.Account) };
        if (subject.Pod is { } pod) bound["pod"] = Reference(pod);
        if (subject.Secret is { } secret) bound["secret"] = Reference(secret);
        if (subject.Node is { } node) bound["node"] = Reference(node);
        if (warnAfter is { } warn) bound["warnafter"] = now + warn;
        var claims = new JsonObject
        {
            ["aud"] = JsonDocuments.ArrayOf([.. audiences]),
            ["exp"] = now + seconds,
            ["iat"] = now,
            ["iss"] = Issuer,
            ["jti"] = _random.NextGuid().ToString(),
            [PrivateClaims] = bound,
            ["nbf"] = now,
            ["sub"] = $"system:serviceaccount:{subject.Account.Namespace}:{subject.Account.Name}",
        };
        return _handler.CreateToken(claims.ToJsonString(JsonDocuments.CompactJson), _credentials);
    }

    /// <summary>Whose token it is, for one of these audiences; else why it is nobody's.</summary>
    public async Task<TokenVerdict> CheckAsync(string token, IReadOnlyList<string> audiences)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudiences = audiences,
            IssuerSigningKey = _credentials.Key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            LifetimeValidator = IsAlive,
        });
        if (!result.IsValid) return new(null, [], Explain(result.Exception));
        var jwt = (JsonWebToken)result.SecurityToken;
        if (!jwt.TryGetPayloadValue<JsonElement>(PrivateClaims, out var element) || JsonNode.Parse(element.GetRawText()) is not JsonObject claims)
            return new(null, [], "service account token claims could not be validated");
        var ns = claims.GetString("namespace") ?? "";
        var account = claims.GetObject("serviceaccount") ?? [];
        if (Fault(ServiceAccounts, ns, account) is { } gone) return new(null, [], gone);
        foreach (var (kind, resource) in (ReadOnlySpan<(string, string)>)[("pod", "pods"), ("secret", "secrets"), ("node", "nodes")])
        {
            // The node of a pod's token only says where the pod is.
            if (claims.GetObject(kind) is not { } bound || (kind == "node" && claims.Has("pod"))) continue;
            if (Fault(new ResourceName("", resource), kind == "node" ? "" : ns, bound) is not null) return new(null, [], "service account token has been invalidated");
        }
        var identity = new ClientIdentity(jwt.Subject, ["system:serviceaccounts", $"system:serviceaccounts:{ns}"])
        {
            Uid = account.GetString("uid") ?? "",
            Extra = [($"{ExtraPrefix}credential-id", $"JTI={jwt.Id}"), .. Extra(claims, "pod"), .. Extra(claims, "node")],
        };
        return new(identity, [.. jwt.Audiences.Intersect(audiences)], null);
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = _simulation.Clock.GetUtcNow().UtcDateTime;
        if (expires is not { } end || end + Leeway < now) throw new SecurityTokenExpiredException();
        if (notBefore is { } begin && begin - Leeway > now) throw new SecurityTokenNotYetValidException();
        return true;
    }

    private static string Explain(Exception fault) => fault switch
    {
        SecurityTokenExpiredException => "service account token has expired",
        SecurityTokenNotYetValidException => "service account token is not valid yet",
        SecurityTokenInvalidAudienceException => "token audiences is invalid for the target audiences",
        _ => "the token is not one of this cluster's", // no more than that: it may be anybody's attempt
    };

    /// <returns>Null: the object is still the one that the token was made for.</returns>
    private string? Fault(ResourceName resource, string ns, JsonObject reference)
    {
        var name = reference.GetString("name") ?? "";
        if (_store.Snapshot.Get(new ObjectKey(resource, ns, name)) is not { } stored) return $"{resource.Plural} \"{name}\" not found";
        var metadata = ObjectMetadata.Of((JsonObject)JsonNode.Parse(stored.Json.Span)!);
        if (metadata.Uid != reference.GetString("uid")) return $"service account UID ({metadata.Uid}) does not match claim ({reference.GetString("uid")})";
        return ObjectMetadata.ParseTime(metadata.DeletionTimestamp) is { } deleted && deleted < _simulation.Clock.GetUtcNow() - Leeway
            ? $"service account {ns}/{name} has been deleted" : null;
    }

    private static IEnumerable<(string, string)> Extra(JsonObject claims, string kind)
    {
        if (claims.GetObject(kind) is not { } reference) yield break;
        foreach (var field in (string[])["name", "uid"])
            if (reference.GetString(field) is { Length: > 0 } value) yield return ($"{ExtraPrefix}{kind}-{field}", value);
    }

    private static JsonObject Reference(TokenReference reference)
    {
        var json = new JsonObject { ["name"] = reference.Name };
        if (reference.Uid.Length > 0) json["uid"] = reference.Uid;
        return json;
    }
}

/// <summary>An object that a token speaks of.</summary>
internal sealed record TokenReference(string Namespace, string Name, string Uid);

/// <summary>Whose token it is, and what it lives and dies with.</summary>
internal sealed record TokenSubject(TokenReference Account, TokenReference? Pod = null, TokenReference? Secret = null, TokenReference? Node = null);

/// <param name="Identity">Null: nobody's.</param>
/// <param name="Audiences">Those of the token that were asked for.</param>
/// <param name="Fault">Why, if it is nobody's.</param>
internal sealed record TokenVerdict(ClientIdentity? Identity, IReadOnlyList<string> Audiences, string? Fault);
