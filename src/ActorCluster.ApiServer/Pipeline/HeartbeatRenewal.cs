using System.Text;
using System.Text.Json;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using static ActorCluster.ApiServer.Pipeline.StoredText;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>
/// The short way of the one write that an idle cluster is full of: a merge patch that says of an object's spec what it says already, but for its heartbeat
/// (<see cref="Api.Registry.ResourceStrategy.Heartbeat"/>), from the only manager of the object, who owns that field. Nothing but two times in its bytes is new then, and
/// they are put in place without a document made of it. Whatever is out of the ordinary goes the way of all patches, with the same outcome. Pure.
/// </summary>
internal static class HeartbeatRenewal
{
    private const int MostLeaves = 8;

    /// <param name="manager">The name of who writes, as managedFields has it.</param>
    /// <param name="now">RFC 3339.</param>
    /// <returns>The object's bytes with the patch applied; null: it isn't that simple.</returns>
    public static RenewedJson? TryApply(RequestScope scope, StoredObject current, string manager, string now)
    {
        if (scope.Strategy.Heartbeat is not { } heartbeat || scope.Request.PatchType != PatchType.Merge || scope.Options.DryRun) return null;
        if (current.Header.Deleting || scope.Version.Converter is not null || scope.Definition.ReadStored is not null || scope.ApiVersion != scope.Definition.StorageApiVersion) return null;
        var patch = scope.Request.Body.Span;
        var stored = current.Json.Span;
        if (current.Renewal is Again again && again.Fits(patch, manager, scope.ApiVersion)) return Apply(stored, patch, again.PlacesIn(stored), now, again);
        Span<Leaf> leaves = stackalloc Leaf[MostLeaves];
        if (ReadPatch(patch, leaves) is not { } count) return null;
        if (Find(stored, patch, leaves[..count], heartbeat, manager, scope.ApiVersion) is not { } places) return null;
        return Apply(stored, patch, places, now, Again.Of(stored, scope.Request.Body, places, manager, scope.ApiVersion));
    }

    private static RenewedJson? Apply(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, Places places, string now, Again? again)
    {
        if (!IsMicroseconds(stored[places.Heartbeat]) || !IsMicroseconds(patch[places.Renewed]) || stored[places.Heartbeat].SequenceEqual(patch[places.Renewed])) return null;
        return new RenewedJson(Splice(stored, places, now, patch[places.Renewed]), again);
    }

    /// <returns>How many fields of the spec it says; null if it says anything else.</returns>
    private static int? ReadPatch(ReadOnlySpan<byte> patch, Span<Leaf> leaves)
    {
        try
        {
            var reader = new Utf8JsonReader(patch);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || !Is(reader, "spec")) return null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var count = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (count == leaves.Length || reader.ValueIsEscaped) return null;
                var name = Value(reader);
                reader.Read();
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || reader.ValueIsEscaped) return null;
                leaves[count++] = new Leaf(name, reader.TokenType, Value(reader));
            }
            // To the end: what can't be read is refused by the other way.
            return reader.Read() && reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? count : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null: the spec would be another, or not only this manager has a say in it.</returns>
    private static Places? Find(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, ReadOnlySpan<Leaf> leaves, string heartbeat, string manager, string apiVersion)
    {
        Range? revision = null, time = null, beat = null, renewed = null;
        var same = 0;
        var reader = new Utf8JsonReader(stored);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(reader, "metadata"))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (Is(reader, "resourceVersion"))
                    {
                        reader.Read();
                        revision = Value(reader);
                    }
                    else if (Is(reader, "managedFields"))
                    {
                        reader.Read();
                        if (FindTime(ref reader, heartbeat, manager, apiVersion) is not { } found) return null;
                        time = found;
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
            else if (Is(reader, "spec"))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject) return null;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isHeartbeat = Is(reader, heartbeat);
                    var leaf = Said(patch, leaves, reader.ValueSpan);
                    reader.Read();
                    if (leaf is not { } said)
                    {
                        reader.Skip();
                        continue;
                    }
                    if (said.Type != reader.TokenType || reader.ValueIsEscaped) return null;
                    if (isHeartbeat) (beat, renewed) = (Value(reader), said.Value);
                    else if (!reader.ValueSpan.SequenceEqual(patch[said.Value])) return null;
                    same++;
                }
            }
            else
            {
                reader.Skip();
            }
        }
        return same == leaves.Length && revision is { } r && time is { } t && beat is { } b && renewed is { } n ? new Places(r, t, b, n) : null;
    }

    /// <summary>Where the time of the only entry of managedFields is.</summary>
    /// <param name="reader">At the list's begin; then at its end.</param>
    private static Range? FindTime(ref Utf8JsonReader reader, string heartbeat, string manager, string apiVersion)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        Range? time = null;
        var (byManager, byUpdate, inVersion, owns) = (false, false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(reader, "subresource")) return null;
            if (Is(reader, "manager")) byManager = IsNext(ref reader, manager);
            else if (Is(reader, "operation")) byUpdate = IsNext(ref reader, "Update");
            else if (Is(reader, "apiVersion")) inVersion = IsNext(ref reader, apiVersion);
            else if (Is(reader, "fieldsV1")) owns = Owns(ref reader, heartbeat);
            else if (Is(reader, "time"))
            {
                reader.Read();
                time = Value(reader);
            }
            else
            {
                reader.Skip();
            }
        }
        return byManager && byUpdate && inVersion && owns && reader.Read() && reader.TokenType == JsonTokenType.EndArray ? time : null;
    }

    /// <summary>Whether a set of fields has the spec's heartbeat.</summary>
    private static bool Owns(ref Utf8JsonReader reader, string heartbeat)
    {
        var owns = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!Is(reader, "f:spec"))
            {
                reader.Skip();
                continue;
            }
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                owns |= reader.ValueSpan.StartsWith("f:"u8) && Ascii.Equals(reader.ValueSpan[2..], heartbeat);
                reader.Skip();
            }
        }
        return owns;
    }

    private static UnversionedJson Splice(ReadOnlySpan<byte> stored, Places places, string now, ReadOnlySpan<byte> renewed)
    {
        var buffer = new byte[stored.Length - Length(places.Revision) - Length(places.Time) + now.Length];
        var (to, from) = (0, 0);
        Put(stored, places.Revision, [], buffer, ref to, ref from);
        var revisionAt = to;
        Span<byte> time = stackalloc byte[now.Length];
        Encoding.UTF8.GetBytes(now, time);
        Put(stored, places.Time, time, buffer, ref to, ref from);
        Put(stored, places.Heartbeat, renewed, buffer, ref to, ref from);
        stored[from..].CopyTo(buffer.AsSpan(to));
        return new UnversionedJson(buffer, revisionAt);

        static void Put(ReadOnlySpan<byte> stored, Range place, ReadOnlySpan<byte> value, Span<byte> buffer, ref int to, ref int from)
        {
            var before = stored[from..place.Start.Value];
            before.CopyTo(buffer[to..]);
            to += before.Length;
            value.CopyTo(buffer[to..]);
            to += value.Length;
            from = place.End.Value;
        }
    }

    private static Leaf? Said(ReadOnlySpan<byte> patch, ReadOnlySpan<Leaf> leaves, ReadOnlySpan<byte> name)
    {
        foreach (var leaf in leaves)
        {
            if (patch[leaf.Name].SequenceEqual(name)) return leaf;
        }
        return null;
    }

    private static bool Is(in Utf8JsonReader reader, string name) => reader.ValueTextEquals(name);

    private static int Length(Range range) => range.End.Value - range.Start.Value;

    /// <summary>A field of the spec that the patch names, and the value that it gives.</summary>
    private readonly record struct Leaf(Range Name, JsonTokenType Type, Range Value);

    /// <summary>
    /// What was found out of an object and a patch: it holds of the next patch of the same renewer, too, which is like this one but for the time. Places behind the revision, whose length
    /// grows, are counted from the end.
    /// </summary>
    private sealed record Again(ReadOnlyMemory<byte> Patch, Range PatchTime, int Revision, Range Time, string Manager, string ApiVersion) : Renewal
    {
        /// <returns>Null: the object is laid out in another way than those that are written here, or its times in another than those that are put in their place.</returns>
        public static Again? Of(ReadOnlySpan<byte> stored, ReadOnlyMemory<byte> patch, in Places places, string manager, string apiVersion)
        {
            if (places.Time.Start.Value < places.Revision.End.Value || places.Heartbeat.Start.Value < places.Time.End.Value) return null;
            if (Length(places.Time) != SecondsLength || Length(places.Heartbeat) != Length(places.Renewed)) return null;
            return new Again(patch.ToArray(), places.Renewed, places.Revision.Start.Value, FromEnd(places.Time, stored.Length), manager, apiVersion)
            {
                Heartbeat = FromEnd(places.Heartbeat, stored.Length),
            };
        }

        public bool Fits(ReadOnlySpan<byte> patch, string manager, string apiVersion)
        {
            var known = Patch.Span;
            return patch.Length == known.Length && manager == Manager && apiVersion == ApiVersion
                && patch[..PatchTime.Start].SequenceEqual(known[..PatchTime.Start]) && patch[PatchTime.End..].SequenceEqual(known[PatchTime.End..]);
        }

        public Places PlacesIn(ReadOnlySpan<byte> stored)
        {
            var digits = stored[Revision..].IndexOf((byte)'"');
            return new Places(Revision..(Revision + digits), FromStart(Time, stored.Length), FromStart(Heartbeat!.Value, stored.Length), PatchTime);
        }

        private static Range FromEnd(Range range, int length) => ^(length - range.Start.Value)..^(length - range.End.Value);

        private static Range FromStart(Range range, int length) => range.Start.GetOffset(length)..range.End.GetOffset(length);
    }

    /// <summary>What is to be replaced in the stored bytes, in this order, and where the patch has the new heartbeat.</summary>
    private readonly record struct Places(Range Revision, Range Time, Range Heartbeat, Range Renewed);
}
