using System.Text;

namespace ActorCluster.ApiServer.Tests.Fuzz;

/// <summary>One HTTP request, real or spoilt.</summary>
internal sealed record FuzzedRequest(string Method, string Path, string ContentType, byte[] Body)
{
    /// <summary>What is needed to send it again.</summary>
    public override string ToString() => $"{Method} {Path}\nContent-Type: {ContentType}\nbase64: {Convert.ToBase64String(Body)}\n{Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 2000)))}";
}
