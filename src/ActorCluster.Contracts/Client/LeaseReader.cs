using System.Globalization;
using System.Text.Json;
using ActorCluster.Contracts.Store;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>
/// Reads leases without the models' serializer. Each node renews its lease every few seconds, so that most of what those who follow objects are told is leases. What has anything out of
/// the ordinary is left to the serializer, which reads the others just so. Pure.
/// </summary>
internal static class LeaseReader
{
    private const int SecondsLength = 20;
    private const int MicrosecondsLength = 27;

    /// <returns>Null: it isn't that simple.</returns>
    public static V1Lease? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var lease = new V1Lease();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("kind"u8)) lease.Kind = Text(ref reader);
                else if (reader.ValueTextEquals("apiVersion"u8)) lease.ApiVersion = Text(ref reader);
                else if (reader.ValueTextEquals("metadata"u8)) lease.Metadata = ReadMetadata(ref reader);
                else if (reader.ValueTextEquals("spec"u8)) lease.Spec = ReadSpec(ref reader);
                else return null;
            }
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? lease : null;
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The lease that a renewal has made of another: nothing is read but what is new.</summary>
    /// <param name="before">As it was before the renewal; stays as it is, and shares with the new one what never changes.</param>
    /// <returns>Null: it isn't that simple.</returns>
    public static V1Lease? TryRenew(V1Lease before, StoreChange renewed)
    {
        if (renewed is not { Previous: { } previous, Current: { Renewal.Heartbeat: { } place } current } || before.Spec?.RenewTime is null) return null;
        if (!RevisionText.Is(before.Metadata.ResourceVersion, previous.Revision)) return null;
        return before with
        {
            Metadata = before.Metadata with { ResourceVersion = current.Revision.ToString(CultureInfo.InvariantCulture) },
            Spec = before.Spec with { RenewTime = Time(current.Json.Span[place]) },
        };
    }

    private static V1ObjectMeta ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new V1ObjectMeta();
        Enter(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) metadata.Name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) metadata.NamespaceProperty = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) metadata.Uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) metadata.ResourceVersion = Text(ref reader);
            else if (reader.ValueTextEquals("creationTimestamp"u8)) metadata.CreationTimestamp = Time(ref reader);
            else if (reader.ValueTextEquals("ownerReferences"u8)) metadata.OwnerReferences = ReadOwners(ref reader);
            else if (reader.ValueTextEquals("managedFields"u8)) reader.Skip();
            else throw new FormatException();
        }
        return metadata;
    }

    private static List<V1OwnerReference> ReadOwners(ref Utf8JsonReader reader)
    {
        List<V1OwnerReference> owners = [];
        Enter(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var owner = new V1OwnerReference();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("apiVersion"u8)) owner.ApiVersion = Text(ref reader);
                else if (reader.ValueTextEquals("kind"u8)) owner.Kind = Text(ref reader);
                else if (reader.ValueTextEquals("name"u8)) owner.Name = Text(ref reader);
                else if (reader.ValueTextEquals("uid"u8)) owner.Uid = Text(ref reader);
                else throw new FormatException();
            }
            owners.Add(owner);
        }
        if (reader.TokenType != JsonTokenType.EndArray) throw new FormatException();
        return owners;
    }

    private static V1LeaseSpec ReadSpec(ref Utf8JsonReader reader)
    {
        var spec = new V1LeaseSpec();
        Enter(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("holderIdentity"u8)) spec.HolderIdentity = Text(ref reader);
            else if (reader.ValueTextEquals("renewTime"u8)) spec.RenewTime = Time(ref reader);
            else if (reader.ValueTextEquals("leaseDurationSeconds"u8)) spec.LeaseDurationSeconds = Number(ref reader);
            else throw new FormatException();
        }
        return spec;
    }

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token) throw new FormatException();
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        Enter(ref reader, JsonTokenType.String);
        return SharedStringConverter.Shared(ref reader);
    }

    private static int Number(ref Utf8JsonReader reader)
    {
        Enter(ref reader, JsonTokenType.Number);
        return reader.TryGetInt32(out var number) ? number : throw new FormatException();
    }

    private static DateTime Time(ref Utf8JsonReader reader)
    {
        Enter(ref reader, JsonTokenType.String);
        return reader.ValueIsEscaped ? throw new FormatException() : Time(reader.ValueSpan);
    }

    /// <exception cref="FormatException">It is no time in UTC of whole seconds or microseconds.</exception>
    public static DateTime Time(ReadOnlySpan<byte> text)
    {
        if (text.Length is not (SecondsLength or MicrosecondsLength) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[^1] != 'Z')
            throw new FormatException();
        var microseconds = 0;
        if (text.Length == MicrosecondsLength) microseconds = text[SecondsLength - 1] == '.' ? Number(text[SecondsLength..^1]) : throw new FormatException();
        try
        {
            return new DateTime(Number(text[..4]), Number(text[5..7]), Number(text[8..10]), Number(text[11..13]), Number(text[14..16]), Number(text[17..19]), DateTimeKind.Utc)
                .AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        }
        catch (ArgumentOutOfRangeException fault)
        {
            throw new FormatException("no time", fault);
        }
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits) number = char.IsAsciiDigit((char)digit) ? number * 10 + digit - '0' : throw new FormatException();
        return number;
    }
}
