using System.Text.Json;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>The API server answered with a failure: what a caller of HTTP would see as a Status object.</summary>
public sealed class ApiStatusException(V1Status status) : Exception(status?.Message ?? "the API server gave no message")
{
    public V1Status Status { get; } = status ?? throw new ArgumentNullException(nameof(status));

    /// <summary>The HTTP status code.</summary>
    public int Code => Status.Code ?? 500;

    /// <summary>"NotFound", "AlreadyExists", "Conflict", "Expired", "Invalid", ...</summary>
    public string Reason => Status.Reason ?? "";

    public bool IsNotFound => Code == 404;
    public bool IsAlreadyExists => Code == 409 && Reason == "AlreadyExists";
    public bool IsConflict => Code == 409 && Reason == "Conflict";

    /// <summary>The history is gone: list anew.</summary>
    public bool IsGone => Code == 410;

    /// <summary>Makes the exception of an unsuccessful answer, or of a watch's error event.</summary>
    public static ApiStatusException From(int code, ReadOnlyMemory<byte> body)
    {
        V1Status status;
        try
        {
            status = KubernetesDocument.Read<V1Status>(body);
        }
        catch (JsonException)
        {
            status = new V1Status { Message = $"the API server answered {code} with a body that is no Status" };
        }

        status.Code ??= code;
        return new ApiStatusException(status);
    }
}
