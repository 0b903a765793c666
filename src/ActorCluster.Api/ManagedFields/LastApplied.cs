using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>
/// The annotation in which kubectl, applying from the client's side, keeps what it applied: it lets such objects be applied by the server, and is
/// kept up to date for clients that go on (lastappliedmanager.go and lastappliedupdater.go).
/// </summary>
internal static class LastApplied
{
    /// <summary>The only manager that this is done for.</summary>
    public const string Manager = "kubectl";
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Of all annotations together, in bytes (apimachinery/pkg/api/validation/objectmeta.go).</summary>
    private const int LargestAnnotations = 256 * 1024;

    /// <summary>What the annotation says and the object still has just so; null where there is none that fits.</summary>
    public static FieldSet? OwnedFields(VersionedObject live)
    {
        if (live.Document.TextAt("metadata", "annotations", Annotation) is not { Length: > 0 } text || Parse(text) is not { } applied) return null;
        if (applied.GetString("apiVersion") != live.ApiVersion || StructuredValidation.Faults(applied, live.Schema).Count > 0) return null;
        var comparison = ObjectComparison.Compare(applied, live.Document, live.Schema);
        return FieldSetExtractor.Extract(applied, live.Schema).Difference(comparison.Modified).Difference(comparison.Added).Difference(comparison.Removed);
    }

    /// <summary>Brings the annotation up to date, if the object has one.</summary>
    public static void Follow(JsonObject obj, JsonObject applied)
    {
        if (obj.TextAt("metadata", "annotations", Annotation) is not { Length: > 0 }) return;
        var configuration = (JsonObject)applied.DeepClone();
        if (configuration.At("metadata", "annotations") is JsonObject given) given.Remove(Annotation);
        var annotations = (JsonObject)obj.At("metadata", "annotations")!;
        annotations[Annotation] = configuration.ToJsonString(JsonDocuments.CompactJson) + "\n";
        var size = annotations.Sum(a => Encoding.UTF8.GetByteCount(a.Key) + Encoding.UTF8.GetByteCount(JsonDocuments.AsString(a.Value) ?? ""));
        if (size > LargestAnnotations) annotations.Remove(Annotation);
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return DocumentDecoder.DecodeAny(Encoding.UTF8.GetBytes(text)) as JsonObject;
        }
        catch (DecodeException)
        {
            // Anybody can write into an annotation; then it says nothing.
            return null;
        }
    }
}
