using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using static ActorCluster.ApiServer.Pipeline.StoredText;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>
/// The short way of what a node in good health says every few minutes: a strategic merge patch of nothing but the times at which conditions of the status were last heard of
/// (<see cref="Api.Registry.ResourceStrategy.ConditionHeartbeat"/>), from who owns these times and wrote last. Nothing but times in the object's bytes is new then, and they are put in
/// place without a document made of it. Whatever is out of the ordinary goes the way of all patches, with the same outcome. Pure.
/// </summary>
internal static class ConditionRenewal
{
    private const int MostConditions = 16;
    private const int LongestKey = 128;

    /// <param name="manager">The name of who writes, as managedFields has it.</param>
    /// <param name="now">RFC 3339, in seconds.</param>
    /// <returns>The object's bytes with the patch applied; null: it isn't that simple.</returns>
    public static RenewedJson? TryApply(RequestScope scope, StoredObject current, string manager, string now)
    {
        if (scope.Strategy.ConditionHeartbeat is not { } heartbeat || scope.Request.Subresource != "status" || scope.Request.PatchType != PatchType.Strategic || scope.Options.DryRun) return null;
        if (current.Header.Deleting || scope.Version.Converter is not null || scope.Definition.ReadStored is not null || scope.ApiVersion != scope.Definition.StorageApiVersion) return null;
        var stored = current.Json.Span;
        var patch = scope.Request.Body.Span;
        Span<Renewed> all = stackalloc Renewed[MostConditions];
        if (now.Length != SecondsLength || ReadPatch(patch, heartbeat, all) is not { } count) return null;
        var renewed = all[..count];
        if (Find(stored, patch, renewed, heartbeat, new Writer(manager, scope.ApiVersion, now)) is not { } places || !HasNew(stored, patch, renewed)) return null;
        return new RenewedJson(Splice(stored, patch, places.Revision, places.Time, renewed, now), new Renewal { Conditions = Describe(stored, patch, renewed) });
    }

    /// <returns>How many conditions it names; null if it says anything else of them or of anything else.</returns>
    private static int? ReadPatch(ReadOnlySpan<byte> patch, string heartbeat, Span<Renewed> renewed)
    {
        try
        {
            var reader = new Utf8JsonReader(patch);
            if (!Next(ref reader, JsonTokenType.StartObject) || !IsNextName(ref reader, "status") || !Next(ref reader, JsonTokenType.StartObject)) return null;
            if (!IsNextName(ref reader, "conditions") || !Next(ref reader, JsonTokenType.StartArray)) return null;
            var count = 0;
            while (Next(ref reader, JsonTokenType.StartObject))
            {
                Range? type = null, time = null;
                while (Next(ref reader, JsonTokenType.PropertyName))
                {
                    var (isType, isTime) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals(heartbeat));
                    if (!Next(ref reader, JsonTokenType.String) || reader.ValueIsEscaped) return null;
                    if (isType && type is null) type = Value(reader);
                    else if (isTime && time is null && IsSeconds(reader.ValueSpan)) time = Value(reader);
                    else return null;
                }
                if (count == renewed.Length || type is not { } t || time is not { } h || IndexOf(patch, renewed[..count], patch[t]) >= 0) return null;
                renewed[count++] = new Renewed(t, h, null);
            }
            // To the end: what can't be read is refused by the other way.
            return reader.TokenType == JsonTokenType.EndArray && Next(ref reader, JsonTokenType.EndObject) && Next(ref reader, JsonTokenType.EndObject) && !reader.Read() && count > 0 ? count : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="renewed">Gets where the old times are.</param>
    /// <returns>Null: not all of them are there, or not only this writer has a say in them.</returns>
    private static (Range Revision, Range Time)? Find(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, Span<Renewed> renewed, string heartbeat, in Writer writer)
    {
        Range? revision = null, time = null;
        var found = 0;
        var reader = new Utf8JsonReader(stored);
        reader.Read();
        while (Next(ref reader, JsonTokenType.PropertyName))
        {
            var (isMetadata, isStatus) = (reader.ValueTextEquals("metadata"u8), reader.ValueTextEquals("status"u8));
            reader.Read();
            if ((!isMetadata && !isStatus) || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (Next(ref reader, JsonTokenType.PropertyName))
            {
                var isRevision = isMetadata && reader.ValueTextEquals("resourceVersion"u8);
                var isOwners = isMetadata && reader.ValueTextEquals("managedFields"u8);
                var isConditions = isStatus && reader.ValueTextEquals("conditions"u8);
                reader.Read();
                if (isRevision) revision = Value(reader);
                else if (isOwners)
                {
                    if ((time = FindTime(ref reader, patch, renewed, heartbeat, writer)) is null) return null;
                }
                else if (isConditions) found = FindConditions(ref reader, stored, patch, renewed, heartbeat);
                else reader.Skip();
            }
        }
        return found == renewed.Length && revision is { } r && time is { } t ? (r, t) : null;
    }

    /// <returns>How many of the conditions are there, with a time.</returns>
    private static int FindConditions(ref Utf8JsonReader reader, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, Span<Renewed> renewed, string heartbeat)
    {
        var found = 0;
        while (Next(ref reader, JsonTokenType.StartObject))
        {
            Range? type = null, time = null;
            while (Next(ref reader, JsonTokenType.PropertyName))
            {
                var (isType, isTime) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals(heartbeat));
                reader.Read();
                if (isType) type = Value(reader);
                else if (isTime && reader.TokenType == JsonTokenType.String && IsSeconds(reader.ValueSpan)) time = Value(reader);
                else reader.Skip();
            }
            if (type is not { } t || IndexOf(patch, renewed, stored[t]) is not (>= 0 and var at)) continue;
            // Twice, or none: neither is simple.
            if (time is not { } place || renewed[at].Place is not null) return -1;
            renewed[at] = renewed[at] with { Place = place };
            found++;
        }
        return found;
    }

    /// <summary>Where the time of the last entry of managedFields is, if that is the writer's, who owns all that is renewed. The list is ordered by time: it stays the last.</summary>
    /// <param name="reader">At the list's begin; then at its end.</param>
    private static Range? FindTime(ref Utf8JsonReader reader, ReadOnlySpan<byte> patch, ReadOnlySpan<Renewed> renewed, string heartbeat, in Writer writer)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return null;
        while (Next(ref reader, JsonTokenType.StartObject))
        {
            Range? time = null;
            var (byManager, byUpdate, inVersion, ofStatus, owned) = (false, false, false, false, 0);
            while (Next(ref reader, JsonTokenType.PropertyName))
            {
                if (reader.ValueTextEquals("manager"u8)) byManager = IsNext(ref reader, writer.Manager);
                else if (reader.ValueTextEquals("operation"u8)) byUpdate = IsNext(ref reader, "Update");
                else if (reader.ValueTextEquals("apiVersion"u8)) inVersion = IsNext(ref reader, writer.ApiVersion);
                else if (reader.ValueTextEquals("subresource"u8)) ofStatus = IsNext(ref reader, "status");
                else if (reader.ValueTextEquals("fieldsV1"u8)) owned = CountOwned(ref reader, patch, renewed, heartbeat);
                else if (reader.ValueTextEquals("time"u8))
                {
                    if (!Next(ref reader, JsonTokenType.String) || !IsSeconds(reader.ValueSpan)) return null;
                    if (!IsLater(reader.ValueSpan, writer.Now)) time = Value(reader);
                }
                else reader.Skip();
            }
            if (byManager && byUpdate && inVersion && ofStatus) return owned == renewed.Length && Next(ref reader, JsonTokenType.EndArray) ? time : null;
            // It would lose them.
            if (owned > 0) return null;
        }
        return null;
    }

    /// <summary>How many of the renewed times a set of fields has.</summary>
    private static int CountOwned(ref Utf8JsonReader reader, ReadOnlySpan<byte> patch, ReadOnlySpan<Renewed> renewed, string heartbeat)
    {
        var owned = 0;
        Span<byte> key = stackalloc byte[LongestKey];
        reader.Read();
        while (Next(ref reader, JsonTokenType.PropertyName))
        {
            var isStatus = reader.ValueTextEquals("f:status"u8);
            reader.Read();
            if (!isStatus || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (Next(ref reader, JsonTokenType.PropertyName))
            {
                var isConditions = reader.ValueTextEquals("f:conditions"u8);
                reader.Read();
                if (!isConditions || reader.TokenType != JsonTokenType.StartObject)
                {
                    reader.Skip();
                    continue;
                }
                while (Next(ref reader, JsonTokenType.PropertyName))
                {
                    var isRenewed = TypeOf(reader, key) is { Length: > 0 } type && IndexOf(patch, renewed, type) >= 0;
                    reader.Read();
                    if (isRenewed && HasField(ref reader, heartbeat)) owned++;
                    else reader.Skip();
                }
            }
        }
        return owned;
    }

    /// <returns>The type that a key of the list names, as in <c>k:{"type":"Ready"}</c>; empty if it names none.</returns>
    private static ReadOnlySpan<byte> TypeOf(in Utf8JsonReader reader, Span<byte> buffer)
    {
        var begin = "k:{\"type\":\""u8;
        var end = "\"}"u8;
        if (reader.ValueSpan.Length > buffer.Length) return [];
        ReadOnlySpan<byte> key = buffer[..reader.CopyString(buffer)];
        return key.StartsWith(begin) && key.EndsWith(end) ? key[begin.Length..^end.Length] : [];
    }

    /// <param name="reader">At a set of fields; then at its end.</param>
    private static bool HasField(ref Utf8JsonReader reader, string field)
    {
        var has = false;
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (Next(ref reader, JsonTokenType.PropertyName))
        {
            has |= reader.ValueSpan.StartsWith("f:"u8) && Ascii.Equals(reader.ValueSpan[2..], field);
            reader.Skip();
        }
        return has;
    }

    private static bool HasNew(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, ReadOnlySpan<Renewed> renewed)
    {
        foreach (var one in renewed)
        {
            if (!stored[one.Place!.Value].SequenceEqual(patch[one.Time])) return true;
        }
        return false;
    }

    private static UnversionedJson Splice(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, Range revision, Range time, ReadOnlySpan<Renewed> renewed, string now)
    {
        var (at, length) = revision.GetOffsetAndLength(stored.Length);
        var buffer = new byte[stored.Length - length];
        stored[..at].CopyTo(buffer);
        stored[(at + length)..].CopyTo(buffer.AsSpan(at));
        // All times are as long as one another, and the revision is before them.
        Encoding.UTF8.GetBytes(now, buffer.AsSpan(time.Start.Value - length, SecondsLength));
        foreach (var one in renewed) patch[one.Time].CopyTo(buffer.AsSpan(one.Place!.Value.Start.Value - length));
        return new UnversionedJson(buffer, at);
    }

    private static ImmutableArray<(string Type, Range Heartbeat)> Describe(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> patch, ReadOnlySpan<Renewed> renewed)
    {
        var conditions = ImmutableArray.CreateBuilder<(string, Range)>(renewed.Length);
        foreach (var one in renewed)
        {
            var fromEnd = stored.Length - one.Place!.Value.Start.Value;
            conditions.Add((Encoding.UTF8.GetString(patch[one.Type]), ^fromEnd..^(fromEnd - SecondsLength)));
        }
        return conditions.MoveToImmutable();
    }

    private static int IndexOf(ReadOnlySpan<byte> patch, ReadOnlySpan<Renewed> renewed, ReadOnlySpan<byte> type)
    {
        for (var i = 0; i < renewed.Length; i++)
        {
            if (patch[renewed[i].Type].SequenceEqual(type)) return i;
        }
        return -1;
    }

    /// <summary>Of times in seconds, whose order is that of their bytes.</summary>
    private static bool IsLater(ReadOnlySpan<byte> time, string now)
    {
        Span<byte> text = stackalloc byte[SecondsLength];
        Encoding.UTF8.GetBytes(now, text);
        return time.SequenceCompareTo(text) > 0;
    }

    private static bool IsNextName(ref Utf8JsonReader reader, string name) => Next(ref reader, JsonTokenType.PropertyName) && reader.ValueTextEquals(name);

    /// <summary>A condition's type and new time in the patch, and where its old time is in the stored bytes.</summary>
    private readonly record struct Renewed(Range Type, Range Time, Range? Place);

    /// <param name="Now">RFC 3339, in seconds.</param>
    private readonly record struct Writer(string Manager, string ApiVersion, string Now);
}
