using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>A JSON Web Token, signed by RS256 or ES256 (RFC 7515, 7518, 7519).</summary>
internal sealed class WebToken
{
    private readonly JsonObject _header;
    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private WebToken(JsonObject header, JsonObject claims, byte[] signed, byte[] signature) => (_header, Claims, _signed, _signature) = (header, claims, signed, signature);

    public JsonObject Claims { get; }

    public IReadOnlyList<string> Audiences => Claims["aud"] switch
    {
        JsonArray several => [.. several.Select(audience => audience?.ToString() ?? "")],
        { } one => [one.ToString()],
        null => [],
    };

    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeSeconds(Claims["exp"] is JsonValue value && value.TryGetValue<long>(out var seconds) ? seconds : 0);

    public string Text(string claim) => Claims[claim]?.ToString() ?? "";

    /// <exception cref="GoException">It is none.</exception>
    public static WebToken Parse(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3) throw new GoException("go-jose/go-jose: compact JWS format must have three parts");
        try
        {
            return new(Read(parts[0]), Read(parts[1]), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
        }
        catch (Exception fault) when (fault is FormatException or JsonException or InvalidOperationException)
        {
            throw new GoException($"go-jose/go-jose: {fault.Message}");
        }
    }

    /// <param name="key">A JSON Web Key (RFC 7517).</param>
    public bool IsSignedBy(JsonObject key)
    {
        if (_header["kid"]?.ToString() is { } wanted && key["kid"]?.ToString() is { } id && wanted != id) return false;
        try
        {
            switch (_header["alg"]?.ToString(), key["kty"]?.ToString())
            {
                case ("RS256", "RSA"):
                    using (var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }))
                        return rsa.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                case ("ES256", "EC"):
                    using (var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } }))
                        return curve.VerifyData(_signed, _signature, HashAlgorithmName.SHA256);
                default:
                    return false;
            }
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException)
        {
            return false; // No such key.
        }
    }

    private static byte[] Bytes(JsonObject key, string name) => Base64Url.DecodeFromChars(key[name]?.ToString());

    private static JsonObject Read(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))?.AsObject() ?? [];
}
