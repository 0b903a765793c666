using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Validation;

/// <summary>The rules that metadata obeys in every resource (apimachinery/pkg/api/validation/objectmeta.go).</summary>
public static class MetadataValidation
{
    private const int AnnotationBytes = 256 * 1024;
    public const string OrphanFinalizer = "orphan";
    public const string ForegroundFinalizer = "foregroundDeletion";

    /// <param name="nameRule">What is wrong with a name of this resource.</param>
    public static void Validate(JsonObject obj, bool namespaced, Func<string, IEnumerable<string>> nameRule, FieldErrors errors)
    {
        var metadata = ObjectMetadata.Of(obj);
        if (metadata.GenerateName.Length > 0)
        {
            foreach (var fault in Names.AsPrefix(metadata.GenerateName, nameRule)) errors.Invalid("metadata.generateName", metadata.GenerateName, fault);
        }
        if (metadata.Name.Length == 0) errors.Required("metadata.name", "name or generateName is required");
        else
        {
            foreach (var fault in nameRule(metadata.Name)) errors.Invalid("metadata.name", metadata.Name, fault);
        }

        if (!namespaced)
        {
            if (metadata.Namespace.Length > 0) errors.Forbidden("metadata.namespace", "not allowed on this type");
        }
        else if (metadata.Namespace.Length == 0) errors.Required("metadata.namespace");
        else
        {
            foreach (var fault in Names.Dns1123Label(metadata.Namespace)) errors.Invalid("metadata.namespace", metadata.Namespace, fault);
        }

        Labels(metadata.Labels, "metadata.labels", errors);
        Annotations(metadata.Annotations, "metadata.annotations", errors);
        Owners(metadata, errors);
        Finalizers(metadata, errors);
    }

    /// <summary>What may not change between two versions of an object.</summary>
    public static void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var metadata = ObjectMetadata.Of(obj);
        var before = ObjectMetadata.Of(old);
        if (before.IsDeleting)
        {
            var added = metadata.Finalizers.Except(before.Finalizers).Order(StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                errors.Forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + $"[]string{{{string.Join(", ", added.Select(FieldError.GoQuote))}}}");
            }
        }
        if (metadata.Generation < before.Generation) errors.Invalid("metadata.generation", metadata.Generation, "must not be decremented");
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            Immutable(metadata.Json[field], before.Json[field], $"metadata.{field}", errors);
        }
    }

    public static void Labels(IReadOnlyDictionary<string, string>? labels, string path, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
        {
            foreach (var fault in Names.QualifiedName(key)) errors.Invalid(path, key, fault);
            foreach (var fault in Names.LabelValue(value)) errors.Invalid(path, value, fault);
        }
    }

    public static void Annotations(IReadOnlyDictionary<string, string>? annotations, string path, FieldErrors errors)
    {
        long size = 0;
        foreach (var (key, value) in annotations ?? new Dictionary<string, string>())
        {
            foreach (var fault in Names.QualifiedName(key.ToLowerInvariant())) errors.Invalid(path, key, fault);
            size += System.Text.Encoding.UTF8.GetByteCount(key) + System.Text.Encoding.UTF8.GetByteCount(value);
        }
        if (size > AnnotationBytes) errors.TooLong(path, AnnotationBytes);
    }

    public static void Immutable(JsonNode? value, JsonNode? old, string path, FieldErrors errors)
    {
        if (!value.SameAs(old)) errors.Invalid(path, value, "field is immutable");
    }

    private static void Owners(ObjectMetadata metadata, FieldErrors errors)
    {
        const string path = "metadata.ownerReferences";
        string? controller = null;
        foreach (var owner in metadata.OwnerReferences)
        {
            if ((owner.GetString("apiVersion") ?? "").Length == 0) errors.Invalid($"{path}.apiVersion", "", "version must not be empty");
            foreach (var field in (ReadOnlySpan<string>)["kind", "name", "uid"])
            {
                if ((owner.GetString(field) ?? "").Length == 0) errors.Invalid($"{path}.{field}", "", "must not be empty");
            }
            if (owner.GetString("apiVersion") == "v1" && owner.GetString("kind") == "Event")
            {
                errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }
            if (owner.GetBoolean("controller") != true) continue;
            var name = $"{owner.GetString("kind")}/{owner.GetString("name")}";
            if (controller is not null)
            {
                errors.Invalid(path, metadata.Json["ownerReferences"],
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {name}");
            }
            controller ??= name;
        }
    }

    private static void Finalizers(ObjectMetadata metadata, FieldErrors errors)
    {
        var finalizers = metadata.Finalizers.ToList();
        foreach (var finalizer in finalizers)
        {
            foreach (var fault in Names.QualifiedName(finalizer)) errors.Invalid("metadata.finalizers", finalizer, fault);
        }
        if (finalizers.Contains(OrphanFinalizer) && finalizers.Contains(ForegroundFinalizer))
        {
            errors.Invalid("metadata.finalizers", metadata.Json["finalizers"], $"finalizer {OrphanFinalizer} and {ForegroundFinalizer} cannot be both set");
        }
    }
}
