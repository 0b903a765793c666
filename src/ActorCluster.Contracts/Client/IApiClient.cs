using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// The Kubernetes API without HTTP: what the HTTP face, the controllers and the node agents all call. Its implementation is the
/// API server's pipeline, in the control plane's own process; elsewhere a proxy sends the same requests as messages.
/// </summary>
public interface IApiClient
{
    /// <summary>Runs one request through the pipeline. Failures that the API can express are answers, not exceptions.</summary>
    /// <exception cref="ApiUnavailableException">The API server can't be reached; the request may or may not have been carried out.</exception>
    Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens a watch. Ends by itself only with an <see cref="WatchEventType.Error"/> event (410 when the history is gone), with
    /// <see cref="ApiUnavailableException"/>, or when cancelled.
    /// </summary>
    IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, CancellationToken cancellationToken = default);
}

public enum ApiVerb
{
    Get,
    List,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

public enum PatchType
{
    None,
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>One request, complete.</summary>
/// <param name="Version">The API version that the body has and the answer should have; null for the resource's storage version.</param>
/// <param name="Subresource">"status", "scale", "binding", "eviction", ...; "" for the object itself.</param>
/// <param name="Body">UTF-8 JSON: the object, the patch, or DeleteOptions.</param>
public sealed record ApiRequest(
    ApiVerb Verb,
    ResourceName Resource,
    string Namespace = "",
    string Name = "",
    string Subresource = "",
    string? Version = null,
    ReadOnlyMemory<byte> Body = default,
    PatchType PatchType = PatchType.None,
    ApiRequestOptions? Options = null)
{
    public ApiRequestOptions EffectiveOptions => Options ?? ApiRequestOptions.Default;
}

/// <summary>The query parameters, by their Kubernetes names. Null: not given.</summary>
public sealed record ApiRequestOptions
{
    public static readonly ApiRequestOptions Default = new();

    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }
    public string? ResourceVersion { get; init; }
    public string? ResourceVersionMatch { get; init; }
    public int? Limit { get; init; }
    public string? Continue { get; init; }
    public bool DryRun { get; init; }
    public string? FieldManager { get; init; }

    /// <summary>Strict, Warn or Ignore; null: Ignore for in-process callers, Warn over HTTP (upstream's default).</summary>
    public string? FieldValidation { get; init; }

    public bool Force { get; init; }

    /// <summary>Background, Foreground or Orphan; null: the resource's default.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>Seconds; null: the object's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    public string? PreconditionUid { get; init; }
    public string? PreconditionResourceVersion { get; init; }

    /// <summary>Who asks: the user name of the client certificate or the component's name.</summary>
    public string User { get; init; } = "system:apiserver";

    /// <summary>What else is known of who asks; null for the cluster's own components. It never leaves the control plane's process.</summary>
    public RequestUser? UserDetails { get; init; }
}

/// <summary>A user besides the name (authentication.k8s.io/v1, UserInfo).</summary>
/// <param name="Uid">"" for users that are no objects of the cluster.</param>
public sealed record RequestUser(string Uid, IReadOnlyList<string> Groups, IReadOnlyList<(string Key, string Value)> Extra);

/// <summary>The pipeline's answer: an HTTP status, the body (object, list or Status, UTF-8 JSON), and warnings for the Warning header.</summary>
public sealed record ApiResponse(int StatusCode, ReadOnlyMemory<byte> Body, IReadOnlyList<string> Warnings)
{
    public bool IsSuccess => StatusCode is >= 200 and < 300;
}

/// <param name="ResourceVersion">After which revision to start; null or "0": send all existing objects as ADDED first.</param>
/// <param name="SendInitialEvents">The streaming list of KEP-3157: existing objects, then a bookmark annotated k8s.io/initial-events-end.</param>
public sealed record WatchRequest(
    ResourceName Resource,
    string Namespace = "",
    string? ResourceVersion = null,
    string? LabelSelector = null,
    string? FieldSelector = null,
    bool AllowBookmarks = false,
    bool SendInitialEvents = false,
    string? Version = null);

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <param name="Object">The object (for Error a Status), UTF-8 JSON.</param>
/// <param name="Renewed">In the API's own process: the change, if the object had been told of before, and has nothing new but its revision and times (<see cref="StoredObject.Renewal"/>).</param>
public readonly record struct WatchEvent(WatchEventType Type, ReadOnlyMemory<byte> Object, StoreChange? Renewed = null);

/// <summary>The API server can't be reached just now; try again later.</summary>
public sealed class ApiUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
