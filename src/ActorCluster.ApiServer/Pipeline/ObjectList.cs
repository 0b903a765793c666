using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>The answer to a list: references to stored objects, whose bytes go to the client as they are.</summary>
/// <param name="Continue">Where the next page begins; "" when this is the last.</param>
/// <param name="Remaining">How many objects follow; null where a selector makes that unknown.</param>
internal sealed record ObjectList(RequestScope Scope, IReadOnlyList<StoredObject> Items, long Revision, string Continue, long? Remaining)
{
    /// <summary>The metadata of the list.</summary>
    public JsonObject Metadata()
    {
        var metadata = new JsonObject { ["resourceVersion"] = Revision.ToString(CultureInfo.InvariantCulture) };
        if (Continue.Length > 0) metadata["continue"] = Continue;
        if (Remaining is { } remaining) metadata["remainingItemCount"] = remaining;
        return metadata;
    }

    /// <summary>Writes what stands before the first object; gives the number of bytes.</summary>
    public int WriteHead(IBufferWriter<byte> output)
    {
        var head = Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{Scope.Definition.ListKind}\",\"apiVersion\":\"{Scope.ApiVersion}\",\"metadata\":{Metadata().ToJsonString(JsonDocuments.CompactJson)},\"items\":[");
        output.Write(head);
        return head.Length;
    }

    /// <summary>Writes one object as it is stored, and what stands between it and the one before.</summary>
    public int WriteItem(IBufferWriter<byte> output, int index)
    {
        if (index > 0) output.Write(","u8);
        var json = Scope.Encode(Items[index]);
        output.Write(json.Span);
        return json.Length + 1;
    }

    public static void WriteTail(IBufferWriter<byte> output) => output.Write("]}"u8);

    public ReadOnlyMemory<byte> ToBytes()
    {
        var size = 256;
        foreach (var item in Items) size += item.Json.Length + 1;
        var buffer = new ArrayBufferWriter<byte>(size);
        WriteHead(buffer);
        for (var i = 0; i < Items.Count; i++) WriteItem(buffer, i);
        WriteTail(buffer);
        return buffer.WrittenMemory;
    }
}
