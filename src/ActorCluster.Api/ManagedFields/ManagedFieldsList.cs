using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.ManagedFields;

/// <summary>metadata.managedFields: each manager with what it owns. Changes in place; read and written in the form of the API.</summary>
public sealed class ManagedFieldsList
{
    private readonly List<FieldOwnership> _owners = [];

    public IReadOnlyList<FieldOwnership> Owners => _owners;

    public bool IsEmpty => _owners.Count == 0;

    public FieldOwnership? Find(FieldManagerKey key) => _owners.Find(o => o.Key == key);

    /// <summary>Adds an owner, or replaces the one of its key; one that owns nothing goes.</summary>
    public void Set(FieldOwnership owner)
    {
        var at = _owners.FindIndex(o => o.Key == owner.Key);
        if (owner.Fields.IsEmpty)
        {
            if (at >= 0) _owners.RemoveAt(at);
        }
        else if (at >= 0) _owners[at] = owner;
        else _owners.Add(owner);
    }

    public void Remove(FieldManagerKey key) => _owners.RemoveAll(o => o.Key == key);

    /// <summary>Takes over another list's owners.</summary>
    public void Replace(ManagedFieldsList other)
    {
        _owners.Clear();
        _owners.AddRange(other._owners);
    }

    public ManagedFieldsList Copy()
    {
        var copy = new ManagedFieldsList();
        copy._owners.AddRange(_owners);
        return copy;
    }

    /// <exception cref="FormatException">An entry that says no operation, version or fields that can be read.</exception>
    public static ManagedFieldsList Decode(JsonNode? entries)
    {
        var list = new ManagedFieldsList();
        if (entries is not JsonArray array) return list;
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i] is not JsonObject entry) throw new FormatException($"managed fields entry {i} is no object");
            list.Read(entry, i);
        }
        return list;
    }

    /// <summary>The list in the order of the API: operation, time, manager; null where nobody owns anything.</summary>
    public JsonArray? Encode()
    {
        if (_owners.Count == 0) return null;
        var array = new JsonArray();
        foreach (var owner in _owners.Count == 1 ? (IEnumerable<FieldOwnership>)_owners : InOrder())
        {
            array.Add((JsonNode)(owner.Source is { } source ? source.Parent is null ? source : (JsonObject)source.DeepClone() : Write(owner)));
        }
        return array;
    }

    private IOrderedEnumerable<FieldOwnership> InOrder() =>
        _owners.OrderBy(o => o.Key.Operation, StringComparer.Ordinal).ThenBy(o => o.Time ?? "", StringComparer.Ordinal)
            .ThenBy(o => o.Key.Manager, StringComparer.Ordinal).ThenBy(o => o.ApiVersion, StringComparer.Ordinal).ThenBy(o => o.Key.Subresource, StringComparer.Ordinal);

    private void Read(JsonObject entry, int index)
    {
        var operation = entry.GetString("operation");
        if (operation is not ("Apply" or "Update")) throw new FormatException("operation must be `Apply` or `Update`");
        var apiVersion = entry.GetString("apiVersion") ?? "";
        if (apiVersion.Length == 0) throw new FormatException("apiVersion must not be empty");
        var type = entry.GetString("fieldsType") ?? "";
        if (type.Length == 0) throw new FormatException($"missing fieldsType in managed fields entry {index}");
        if (type != "FieldsV1") throw new FormatException($"invalid fieldsType \"{type}\" in managed fields entry {index}");
        var applies = operation == "Apply";
        var key = new FieldManagerKey(entry.GetString("manager") ?? "", applies, applies ? "" : apiVersion, entry.GetString("subresource") ?? "");
        Remove(key);
        _owners.Add(new FieldOwnership(key, apiVersion, FieldsV1.Decode(entry["fieldsV1"]), entry.GetString("time"), entry));
    }

    private static JsonObject Write(FieldOwnership owner)
    {
        var entry = new JsonObject();
        if (owner.Key.Manager.Length > 0) entry["manager"] = owner.Key.Manager;
        entry["operation"] = owner.Key.Operation;
        entry["apiVersion"] = owner.ApiVersion;
        if (owner.Time is { } time) entry["time"] = time;
        entry["fieldsType"] = "FieldsV1";
        entry["fieldsV1"] = FieldsV1.Encode(owner.Fields);
        if (owner.Key.Subresource.Length > 0) entry["subresource"] = owner.Key.Subresource;
        return entry;
    }
}
