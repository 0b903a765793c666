using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Registry;

/// <summary>How one resource's objects are defaulted, prepared and checked. Pure: the same objects in, the same objects and errors out.</summary>
/// <remarks>The parts are those of upstream's registry strategies (apiserver/pkg/registry/rest/{create,update,delete}.go).</remarks>
public class ResourceStrategy
{
    private static readonly string[] OwnedMetadata = ["ownerReferences", "finalizers"];
    private static readonly string[] AllMetadata = [.. OwnedMetadata, "labels", "annotations"];

    /// <summary>What is wrong with a name of this resource; by default it must be a DNS subdomain.</summary>
    public virtual IEnumerable<string> NameFaults(string name) => Names.Dns1123Subdomain(name);

    /// <summary>
    /// The field of the spec that says, as a time in microseconds, that somebody is alive still; null for most. To be renewed all the time: a later value asks for nothing else of the
    /// object to be completed, admitted or checked anew.
    /// </summary>
    public virtual string? Heartbeat => null;

    /// <summary>
    /// The field of each of the status's conditions that says, as a time in seconds, when it was last heard of; null for most. As with <see cref="Heartbeat"/>, a later value asks for
    /// nothing else.
    /// </summary>
    public virtual string? ConditionHeartbeat => null;

    /// <summary>Whether metadata.generation counts the changes of the spec.</summary>
    public virtual bool CountsGenerations => false;

    /// <summary>Whether metadata.generation counts the changes of the status, too.</summary>
    public virtual bool CountsStatusChanges => false;

    /// <summary>Whether clients write the status through the status sub-resource only.</summary>
    public virtual bool HasStatus => false;

    /// <summary>Whether writes of the status leave all metadata as they are (metav1.ResetObjectMetaForStatus).</summary>
    public virtual bool StatusKeepsMetadata => false;

    /// <summary>Whether an update of an absent object creates it (leases, endpoints, events).</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>Whether an update without a resourceVersion overwrites whatever is there.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Whether a deletion at once answers with the object instead of a Status.</summary>
    public virtual bool ReturnsDeletedObject => false;

    /// <summary>Whether dependents stay when a deletion doesn't say what becomes of them.</summary>
    public virtual bool OrphansByDefault => false;

    /// <summary>
    /// Where writes change nothing, and so nobody owns anything by them: by default the status, and through its sub-resource the spec
    /// (rest.ResetFieldsStrategy).
    /// </summary>
    /// <param name="subresource">"" for the object itself.</param>
    public virtual IEnumerable<IReadOnlyList<string>> ResetFields(string subresource) =>
        !HasStatus ? [] : subresource != "status" ? [["status"]] : StatusKeepsMetadata ? [["metadata"], ["spec"]] : [["spec"]];

    /// <summary>Fills in what the client left out.</summary>
    public virtual void ApplyDefaults(JsonObject obj)
    {
    }

    /// <summary>Drops what a creator may not set; by default the status.</summary>
    public virtual void PrepareForCreate(JsonObject obj)
    {
        if (HasStatus) obj.Remove("status");
    }

    /// <summary>Keeps what an update of the object may not change; by default the status.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        if (HasStatus) obj.Put("status", old["status"]);
    }

    /// <summary>Keeps everything but the status, and of the metadata what a status update may set.</summary>
    public virtual void PrepareForStatusUpdate(JsonObject obj, JsonObject old)
    {
        foreach (var name in obj.Select(p => p.Key).Where(k => k is not ("metadata" or "status" or "kind" or "apiVersion")).ToList()) obj.Remove(name);
        foreach (var (name, value) in old)
        {
            if (name is not ("metadata" or "status")) obj.Put(name, value?.DeepClone());
        }
        foreach (var field in StatusKeepsMetadata ? AllMetadata : OwnedMetadata) ObjectMetadata.Of(obj).Json.Put(field, old.At("metadata", field)?.DeepClone());
    }

    public virtual void Validate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>What only a new object must satisfy; <see cref="Validate"/> runs too.</summary>
    public virtual void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>What may not change; <see cref="Validate"/> runs too.</summary>
    public virtual void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
    }

    public virtual void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
    }

    /// <summary>Advice for the Warning header.</summary>
    public virtual IEnumerable<string> Warnings(JsonObject obj) => [];

    /// <summary>How long the object lives on after its deletion was asked for; null: it goes at once.</summary>
    /// <param name="requested">Seconds, from the request; null when it doesn't say.</param>
    public virtual long? GracePeriodSeconds(JsonObject obj, long? requested) => null;

    /// <summary>Whether the object must outlive its deletion until someone lets go of it; by default while it has finalizers.</summary>
    public virtual bool IsHeld(JsonObject obj) => ObjectMetadata.Of(obj).Finalizers.Any();

    /// <summary>Called when the object is marked as being deleted.</summary>
    public virtual void OnDeletionStarted(JsonObject obj)
    {
    }

    /// <summary>Whether the object may be deleted now; the reason if not.</summary>
    public virtual string? RefuseDeletion(JsonObject obj) => null;
}
