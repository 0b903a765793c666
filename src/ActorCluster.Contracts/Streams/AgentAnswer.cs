using System.Text.Json;

namespace ActorCluster.Contracts.Streams;

/// <summary>
/// The head of what a node's agent answers to an <see cref="AgentRequest"/>: it comes before the body, on <see cref="StreamChannel.Error"/>, as one JSON document.
/// Without one the answer is 200 and plain text.
/// </summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Location">Of a redirect: where to, relative to the path that was asked for.</param>
public sealed record AgentAnswer(int StatusCode, string ContentType, string? Location = null)
{
    public const string PlainText = "text/plain; charset=utf-8";
    public const string Json = "application/json";
    public const string Html = "text/html; charset=utf-8";

    public static AgentAnswer Plain { get; } = new(200, PlainText);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <exception cref="JsonException">The bytes are no head.</exception>
    public static AgentAnswer FromBytes(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<AgentAnswer>(bytes) ?? Plain;
}
