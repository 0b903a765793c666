using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Errors;

/// <summary>A failure that the API can express; the pipeline turns it into the Status it carries.</summary>
/// <remarks>Wording, codes and reasons: apimachinery/pkg/api/errors/errors.go.</remarks>
public sealed class StatusException : Exception
{
    private StatusException(int code, string reason, string message, JsonObject? details = null) : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    public int Code { get; }
    public string Reason { get; }
    public JsonObject? Details { get; }

    /// <summary>With which token a list that expired can go on; null for all other failures.</summary>
    public string? Continue { get; private init; }

    /// <summary>The Status object, UTF-8 JSON.</summary>
    public byte[] ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Reason.Length == 0) status.Remove("reason");
        if (Continue is not null) status.Ensure("metadata")["continue"] = Continue;
        if (Details is not null) status["details"] = Details.DeepClone();
        status["code"] = Code;
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(status, JsonDocuments.CompactJson);
    }

    public static StatusException NotFound(ResourceName resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", Describe(resource, name));

    /// <summary>The path names nothing that this server knows.</summary>
    public static StatusException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    public static StatusException AlreadyExists(ResourceName resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", Describe(resource, name));

    public static StatusException GenerateNameConflict(ResourceName resource, string name)
    {
        var details = Describe(resource, name);
        details["retryAfterSeconds"] = 1;
        return new(409, "AlreadyExists", $"{resource} \"{name}\" already exists, the server was not able to generate a unique name for the object", details);
    }

    public static StatusException Conflict(ResourceName resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}", Describe(resource, name));

    /// <summary>A server-side apply that would take others' fields from them.</summary>
    /// <param name="causes">With whom, and which field.</param>
    public static StatusException ApplyConflict(string message, IEnumerable<(string Message, string Field)> causes)
    {
        var list = new JsonArray();
        foreach (var cause in causes) list.Add((JsonNode)new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = cause.Message, ["field"] = cause.Field });
        return new(409, "Conflict", message, new JsonObject { ["causes"] = list });
    }

    public const string ModifiedMessage = "the object has been modified; please apply your changes to the latest version and try again";

    public static StatusException Forbidden(ResourceName resource, string name, string why, string? causeType = null, string? causeField = null)
    {
        var details = Describe(resource, name);
        if (causeType is not null)
        {
            details["causes"] = new JsonArray(causeField is null ? new JsonObject { ["reason"] = causeType } : new JsonObject { ["reason"] = causeType, ["message"] = why, ["field"] = causeField });
        }
        return new(403, "Forbidden", name.Length == 0 ? $"{resource} is forbidden: {why}" : $"{resource} \"{name}\" is forbidden: {why}", details);
    }

    public static StatusException Invalid(string group, string kind, string name, FieldErrors errors)
    {
        var causes = new JsonArray();
        foreach (var error in errors.All)
        {
            causes.Add((JsonNode)new JsonObject { ["reason"] = error.Reason, ["message"] = error.Body, ["field"] = error.Field });
        }
        var details = Describe(group, kind, name);
        details["causes"] = causes;
        return new(422, "Invalid", $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: {errors.Aggregate()}", details);
    }

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    /// <param name="next">The token that a list in pages can go on with nevertheless.</param>
    public static StatusException Expired(string message, string? next = null) => new(410, "Expired", message) { Continue = next };

    public static StatusException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static StatusException MethodNotSupported(ResourceName resource, string action) =>
        new(405, "MethodNotAllowed", $"{action} is not supported on resources of kind \"{resource}\"", Describe(resource, ""));

    /// <summary>The path is known, the HTTP method isn't served on it.</summary>
    public static StatusException MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    /// <param name="retryAfterSeconds">When the client may try again by itself; 0: it should ask somebody first.</param>
    public static StatusException TooManyRequests(string message, int retryAfterSeconds = 0, string? causeType = null, string? cause = null)
    {
        var details = new JsonObject();
        if (causeType is not null) details["causes"] = new JsonArray(new JsonObject { ["reason"] = causeType, ["message"] = cause });
        if (retryAfterSeconds > 0) details["retryAfterSeconds"] = retryAfterSeconds;
        return new(429, "TooManyRequests", message, details);
    }

    public static StatusException RequestEntityTooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static StatusException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message, new JsonObject());

    public static StatusException NotAcceptable(params IEnumerable<string> accepted) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {string.Join(", ", accepted)}");

    /// <summary>It took too long, and may or may not have been done.</summary>
    public static StatusException Timeout(string message) => new(504, "Timeout", $"Timeout: {message}", new JsonObject());

    public static StatusException ServiceUnavailable(string message) => new(503, "ServiceUnavailable", message);

    /// <summary>A resourceVersion from the future: the client may try again.</summary>
    public static StatusException TooLargeResourceVersion(long asked, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}", new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    public static StatusException Internal(string message) =>
        new(500, "InternalError", $"Internal error occurred: {message}", new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    /// <summary>A patch that can't be applied. Upstream says no more than this of it.</summary>
    public static StatusException Unprocessable() => new(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());

    /// <summary>Any other answer: a node's refusal of a stream, for instance.</summary>
    public static StatusException Other(int code, string reason, string message) => new(code, reason, message);

    private static JsonObject Describe(ResourceName resource, string name) => Describe(resource.Group, resource.Plural, name);

    private static JsonObject Describe(string group, string kind, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (group.Length > 0) details["group"] = group;
        details["kind"] = kind;
        return details;
    }
}
