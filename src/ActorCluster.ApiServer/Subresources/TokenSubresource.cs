using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;
using k8s.Models;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>token of service accounts: a TokenRequest is answered with a token, and nothing is stored (pkg/registry/core/serviceaccount/storage/token.go).</summary>
internal sealed class TokenSubresource(ObjectReader reader, IObjectStore store, ServiceAccountTokens tokens, SimulationContext simulation) : ISubresource
{
    private const string Group = "authentication.k8s.io";
    private const string Kind = "TokenRequest";
    private const long UsualSeconds = 3600;
    private const long LeastSeconds = 600;
    private const long MostSeconds = 1L << 32;

    /// <summary>What the ServiceAccount admission asks for. Such a token of a pod works a year, so that clients that don't read it anew only get a warning (pkg/serviceaccount/claims.go).</summary>
    private const long ProjectedSeconds = 3607;
    private const long ExtendedSeconds = 365 * 24 * 60 * 60;

    public string Name => "token";

    public Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        if (scope.Request.Verb != ApiVerb.Create) throw SubresourceAnswers.NotSupported(scope);
        var (name, ns) = (scope.Request.Name, scope.Request.Namespace);
        var request = BodyDecoder.Decode(scope.Request.Body.Span, ModelSchema.Of<Authenticationv1TokenRequest>(), Kind, $"{Group}/v1", scope.Options.FieldValidation, scope.Warnings);
        var metadata = ObjectMetadata.Of(request);
        MustMatch(name, "name", metadata.Name, name, "must match the service account name if specified");
        MustMatch(name, "namespace", metadata.Namespace, ns, "must match the service account namespace if specified");

        var account = ObjectMetadata.Of(ObjectEncoder.Decode(reader.Get(scope)));
        if (metadata.Uid.Length > 0 && metadata.Uid != account.Uid)
            throw Conflict(Kind, name, $"the UID in the token request ({metadata.Uid}) does not match the UID of the service account ({account.Uid})");
        var spec = request.Ensure("spec");
        string[] audiences = [.. spec.GetStrings("audiences")];
        if (audiences.Length == 0) audiences = [ServiceAccountTokens.Issuer];
        var seconds = spec.GetInteger("expirationSeconds") ?? UsualSeconds;
        var errors = new FieldErrors();
        if (seconds < LeastSeconds) errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        if (seconds > MostSeconds) errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
        if (errors.Count > 0) throw StatusException.Invalid(Group, Kind, "", errors);

        var subject = Bind(new TokenSubject(new TokenReference(ns, name, account.Uid)), spec.GetObject("boundObjectRef"));
        var extends = subject.Pod is not null && seconds == ProjectedSeconds && audiences.All(audience => audience == ServiceAccountTokens.Issuer);
        var now = simulation.Clock.GetUtcNow();
        var token = tokens.Issue(subject, audiences, extends ? ExtendedSeconds : seconds, extends ? seconds : null);

        (metadata.Json["name"], metadata.Json["namespace"], metadata.Json["uid"], metadata.Json["creationTimestamp"]) = (name, ns, account.Uid, ObjectMetadata.FormatTime(now));
        (spec["audiences"], spec["expirationSeconds"]) = (JsonDocuments.ArrayOf(audiences), seconds);
        if (!spec.ContainsKey("boundObjectRef")) spec["boundObjectRef"] = null;
        var answer = new JsonObject
        {
            ["kind"] = Kind,
            ["apiVersion"] = $"{Group}/v1",
            ["metadata"] = metadata.Json.DeepClone(),
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = ObjectMetadata.FormatTime(now.AddSeconds(seconds)) },
        };
        return Task.FromResult(scope.Respond(201, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(answer, JsonDocuments.CompactJson)));
    }

    private TokenSubject Bind(TokenSubject subject, JsonObject? reference)
    {
        if (reference is null) return subject;
        var (kind, version, name) = (reference.GetString("kind") ?? "", reference.GetString("apiVersion") ?? "", reference.GetString("name") ?? "");
        if (version is not ("v1" or "") || kind is not ("Pod" or "Node" or "Secret"))
            throw StatusException.BadRequest($"cannot bind token to object of type {(version.Contains('/', StringComparison.Ordinal) ? version : "/" + version)}, Kind={kind}");
        var ns = kind == "Node" ? "" : subject.Account.Namespace;
        var found = Find(kind, ns, name) ?? throw StatusException.NotFound(new ResourceName("", kind.ToLowerInvariant() + "s"), name);
        var bound = new TokenReference(ns, name, ObjectMetadata.Of(found).Uid);
        if (kind == "Pod" && found.TextAt("spec", "serviceAccountName") != subject.Account.Name)
            throw StatusException.BadRequest($"cannot bind token for serviceaccount {FieldError.GoQuote(subject.Account.Name)} to pod running with different serviceaccount name.");
        if (reference.GetString("uid") is { Length: > 0 } uid && uid != bound.Uid)
            throw Conflict(kind, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        switch (kind)
        {
            case "Pod":
                var node = found.TextAt("spec", "nodeName") is { Length: > 0 } host ? new TokenReference("", host, Find("Node", "", host) is { } there ? ObjectMetadata.Of(there).Uid : "") : null;
                return subject with { Pod = bound, Node = node };
            case "Node": return subject with { Node = bound };
            default: return subject with { Secret = bound };
        }
    }

    private JsonObject? Find(string kind, string ns, string name) =>
        store.Snapshot.Get(new ObjectKey(new ResourceName("", kind.ToLowerInvariant() + "s"), ns, name)) is { } stored ? ObjectEncoder.Decode(stored) : null;

    private static void MustMatch(string account, string field, string given, string expected, string fault)
    {
        if (given.Length == 0 || given == expected) return;
        var errors = new FieldErrors();
        errors.Invalid($"metadata.{field}", given, fault);
        throw StatusException.Invalid(Group, Kind, account, errors);
    }

    private static StatusException Conflict(string kind, string name, string why) => StatusException.Conflict(new ResourceName(Group, kind), name, why);
}
