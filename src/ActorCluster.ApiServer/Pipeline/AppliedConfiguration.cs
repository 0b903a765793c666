using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Schema;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>The body of a server-side apply, read once and applied as often as other writers demand.</summary>
internal sealed class AppliedConfiguration
{
    private readonly RequestScope _scope;
    private readonly JsonObject _document;

    /// <exception cref="StatusException">400 for what is no configuration of that type, 422 where nobody is named who applies it.</exception>
    public AppliedConfiguration(RequestScope scope, string apiVersion, string kind, TypeSchema schema)
    {
        _scope = scope;
        CheckManager(scope.Options.FieldManager);
        if (BodyDecoder.DecodeAny(scope.Request.Body.Span, "YAML") is not JsonObject document)
        {
            throw StatusException.BadRequest("error decoding YAML: error unmarshaling JSON: json: cannot unmarshal into Go value of type map[string]interface {}");
        }
        _document = document;
        CheckType(apiVersion, kind);
        if (document.At("metadata", "managedFields") is not null) throw StatusException.BadRequest("metadata.managedFields must be nil");
        var faults = StructuredValidation.Faults(document, schema);
        if (faults.Count > 0) throw StatusException.BadRequest($"failed to create typed patch object ({Describe()}): {Join(faults)}");
    }

    /// <param name="apply">Gets the live object and the configuration.</param>
    /// <exception cref="StatusException">409: others own what would change.</exception>
    public JsonObject ApplyTo(JsonObject live, Func<JsonObject, JsonObject, JsonObject> apply)
    {
        try
        {
            return apply(live, _document);
        }
        catch (ApplyConflictException conflict)
        {
            throw StatusException.ApplyConflict(conflict.Message, conflict.Conflicts.Select(c => ($"conflict with {c.Manager.Describe()}", FieldSet.Describe(c.Path))));
        }
        catch (FormatException fault)
        {
            throw StatusException.Other(422, "Invalid", $"failed to decode managed fields: {fault.Message}");
        }
    }

    /// <exception cref="StatusException">409: the configuration is of an object that should be there, and isn't.</exception>
    public void CheckNewcomer(JsonObject applied)
    {
        if (ObjectMetadata.Of(applied).Uid is not { Length: > 0 } uid) return;
        throw StatusException.Conflict(_scope.Resource, _scope.Request.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
    }

    private static void CheckManager(string? manager)
    {
        var errors = new FieldErrors();
        if (string.IsNullOrEmpty(manager)) errors.Required("fieldManager", "is required for apply patch");
        else ManagerNames.Validate(manager, "fieldManager", errors);
        if (errors.Count > 0) throw StatusException.Invalid("meta.k8s.io", "PatchOptions", "", errors);
    }

    private void CheckType(string apiVersion, string kind)
    {
        if (_document.GetString("kind") == kind && _document.GetString("apiVersion") == apiVersion) return;
        throw StatusException.BadRequest($"invalid object type: {TypeText()}");
    }

    /// <summary>As Go prints a GroupVersionKind: apps/v1, Kind=Deployment.</summary>
    private string TypeText()
    {
        var version = _document.GetString("apiVersion") ?? "";
        return $"{(version.Contains('/', StringComparison.Ordinal) ? version : "/" + version)}, Kind={_document.GetString("kind")}";
    }

    private string Describe() => $"{_document.TextAt("metadata", "namespace")}/{_document.TextAt("metadata", "name")}; {TypeText()}";

    private static string Join(IReadOnlyList<string> faults) => faults.Count == 1 ? faults[0] : $"errors:\n{string.Join('\n', faults.Select(f => "  " + f))}";
}
