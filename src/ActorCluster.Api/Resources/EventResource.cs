using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>events, v1 and events.k8s.io/v1: the same objects, shown in two forms.</summary>
internal static class EventResource
{
    private static readonly EventStrategy Strategy = new();

    private static readonly TablePrinter Printer = new(
    [
        new("Last Seen", "string", "The time at which the most recent occurrence of this event was recorded."),
        new("Type", "string", "Type of this event (Normal, Warning)."),
        new("Reason", "string", "A short, machine understandable reason."),
        new("Object", "string", "The object that this event is about."),
        new("Subobject", "string", "The part of the object that this event is about.", 1),
        new("Source", "string", "The component reporting this event.", 1),
        new("Message", "string", "A human-readable description of the status of this operation."),
        new("First Seen", "string", "The time at which the event was first recorded.", 1),
        new("Count", "string", "The number of times this event has occurred.", 1),
        new("Name", "string", "Name of the event.", 1, "name"),
    ], Cells);

    private static readonly SelectableField[] Fields =
    [
        .. new[] { "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath" }.Select(f => SelectableField.At($"involvedObject.{f}")),
        SelectableField.At("reason"),
        SelectableField.At("reportingComponent"),
        new("source", e => e.TextAt("source", "component") is { Length: > 0 } component ? component : e.GetString("reportingComponent")),
        SelectableField.At("type"),
    ];

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<Corev1Event>() with
    {
        ShortNames = ["ev"],
        Strategy = Strategy,
        SelectableFields = [.. Fields],
        Printer = Printer,
    };

    public static readonly ResourceDefinition NewGroupDefinition = Definition with
    {
        Name = new ResourceName("events.k8s.io", "events"),
        Versions = [new ServedVersion("v1", ModelSchema.Of<Eventsv1Event>(), new EventConverter())],
        SelectableFields = [.. Fields.Select(field => field with { Path = EventConverter.ServedPath(field.Path) })],
        StoredAs = Definition.Name,
        StorageApiVersion = "v1",
    };

    private static IEnumerable<JsonNode?> Cells(JsonObject e, DateTimeOffset now)
    {
        var first = HumanDuration.Since(e.GetString("firstTimestamp") ?? e.GetString("eventTime"), now);
        var last = e.GetString("lastTimestamp") is { } time ? HumanDuration.Since(time, now) : first;
        var count = e.GetInteger("count") is { } number and > 0 ? number : 1;
        if (e.GetObject("series") is { } series)
        {
            last = HumanDuration.Since(series.GetString("lastObservedTime"), now);
            count = series.GetInteger("count") ?? count;
        }
        var kind = (e.TextAt("involvedObject", "kind") ?? "").ToLowerInvariant();
        var name = e.TextAt("involvedObject", "name") ?? "";
        var component = First(e.TextAt("source", "component"), e.GetString("reportingComponent"));
        var host = First(e.TextAt("source", "host"), e.GetString("reportingInstance"));
        return
        [
            last,
            e.GetString("type") ?? "",
            e.GetString("reason") ?? "",
            name.Length > 0 ? $"{kind}/{name}" : kind,
            e.TextAt("involvedObject", "fieldPath") ?? "",
            host.Length > 0 ? $"{component}, {host}" : component,
            (e.GetString("message") ?? "").Trim(),
            first,
            count,
            e.TextAt("metadata", "name"),
        ];
    }

    private static string First(string? one, string? other) => string.IsNullOrEmpty(one) ? other ?? "" : one;
}

/// <summary>pkg/registry/core/event and pkg/apis/core/validation/events.go.</summary>
internal sealed class EventStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var involved = obj.TextAt("involvedObject", "namespace") ?? "";
        var home = ObjectMetadata.Of(obj).Namespace;
        // Events with an eventTime are of the newer kind, which may be in kube-system too and say who reports what.
        var isNew = obj.Has("eventTime");
        var elsewhere = involved.Length == 0 ? home != "default" && !(isNew && home == "kube-system") : involved != home;
        if (elsewhere) errors.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        if (!isNew) return;
        foreach (var field in (ReadOnlySpan<string>)["reportingComponent", "reportingInstance", "action"])
        {
            if (obj.GetString(field) is not { Length: > 0 }) errors.Required(field);
        }
    }
}

/// <summary>events.k8s.io/v1 names the fields of the same event anew (pkg/apis/events/v1/conversion.go).</summary>
internal sealed class EventConverter : IVersionConverter
{
    private static readonly (string Served, string Stored)[] Names =
    [
        ("regarding", "involvedObject"),
        ("note", "message"),
        ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"),
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
    ];

    /// <param name="stored">The path of a field as core/v1 has it.</param>
    public static string ServedPath(string stored)
    {
        var steps = stored.Split('.', 2);
        var first = Names.FirstOrDefault(name => name.Stored == steps[0]).Served ?? steps[0];
        return steps.Length == 1 ? first : $"{first}.{steps[1]}";
    }

    public JsonObject ToStorage(JsonObject served)
    {
        foreach (var (from, to) in Names) Rename(served, from, to);
        if (served.ContainsKey("apiVersion")) served["apiVersion"] = "v1";
        return served;
    }

    public JsonObject FromStorage(JsonObject stored)
    {
        foreach (var (to, from) in Names) Rename(stored, from, to);
        stored["apiVersion"] = "events.k8s.io/v1";
        return stored;
    }

    private static void Rename(JsonObject obj, string from, string to)
    {
        if (obj[from] is not { } value) return;
        obj.Remove(from);
        obj[to] = value;
    }
}
