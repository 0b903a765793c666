using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Http;

internal static class ResponseBody
{
    /// <summary>Puts the whole body into the response without flushing it, so that a small answer leaves as one segment when the handler ends.</summary>
    public static void WriteBody(this HttpResponse response, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return;
        body.CopyTo(response.BodyWriter.GetSpan(body.Length));
        response.BodyWriter.Advance(body.Length);
    }
}
