using System.Collections.Immutable;
using System.Runtime.Serialization;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Client.Remote;

namespace ActorCluster.Contracts.Wire;

/// <summary>The API gateway's messages: session, sequence, one byte that says which, and its fields in order.</summary>
internal static class GatewayCodec
{
    private enum CommandTag : byte
    {
        Call,
        CancelCall,
        OpenWatch,
        GrantCredit,
        CloseWatch,
        ClientAlive,
    }

    private enum ReportTag : byte
    {
        AnswerPart,
        CallFailed,
        WatchBatch,
        WatchEnded,
        GatewayAlive,
        SessionLost,
    }

    public static void Write(WireWriter to, ToGateway frame)
    {
        to.Signed(frame.Session);
        to.Signed(frame.Sequence);
        switch (frame.Command)
        {
            case Call call:
                Head(to, CommandTag.Call, call.Id);
                ApiRequestCodec.Write(to, call.Request);
                break;
            case OpenWatch open:
                Head(to, CommandTag.OpenWatch, open.Id);
                ApiRequestCodec.Write(to, open.Request);
                break;
            case GrantCredit grant:
                Head(to, CommandTag.GrantCredit, grant.Id);
                to.Signed(grant.Bytes);
                break;
            case CancelCall cancel: Head(to, CommandTag.CancelCall, cancel.Id); break;
            case CloseWatch close: Head(to, CommandTag.CloseWatch, close.Id); break;
            case ClientAlive: Head(to, CommandTag.ClientAlive, 0); break;
            default: throw new SerializationException($"{frame.Command.GetType()} has no wire form.");
        }
    }

    public static ToGateway ReadToGateway(ref WireReader from)
    {
        var session = from.Signed();
        var sequence = from.Signed();
        var tag = from.Enum<CommandTag>();
        var id = from.Signed();
        IGatewayCommand command = tag switch
        {
            CommandTag.Call => new Call(id, ApiRequestCodec.ReadRequest(ref from)),
            CommandTag.CancelCall => new CancelCall(id),
            CommandTag.OpenWatch => new OpenWatch(id, ApiRequestCodec.ReadWatch(ref from)),
            CommandTag.GrantCredit => new GrantCredit(id, from.Int32()),
            CommandTag.CloseWatch => new CloseWatch(id),
            _ => new ClientAlive(),
        };
        return new ToGateway(session, sequence, command);
    }

    public static void Write(WireWriter to, FromGateway frame)
    {
        to.Signed(frame.Session);
        to.Signed(frame.Sequence);
        switch (frame.Report)
        {
            case AnswerPart part:
                Head(to, ReportTag.AnswerPart, part.Id);
                to.Signed(part.StatusCode);
                to.Texts(part.Warnings);
                to.Bytes(part.Body.Span);
                to.Bool(part.IsLast);
                break;
            case WatchBatch batch:
                Head(to, ReportTag.WatchBatch, batch.Id);
                Write(to, batch.Events);
                break;
            case CallFailed failed:
                Head(to, ReportTag.CallFailed, failed.Id);
                to.Text(failed.Message);
                break;
            case WatchEnded ended:
                Head(to, ReportTag.WatchEnded, ended.Id);
                to.OptionalText(ended.Unavailable);
                break;
            case GatewayAlive alive: Head(to, ReportTag.GatewayAlive, alive.HttpsPort); break;
            case SessionLost: Head(to, ReportTag.SessionLost, 0); break;
            default: throw new SerializationException($"{frame.Report.GetType()} has no wire form.");
        }
    }

    public static FromGateway ReadFromGateway(ref WireReader from)
    {
        var session = from.Signed();
        var sequence = from.Signed();
        var tag = from.Enum<ReportTag>();
        var id = from.Signed();
        IGatewayReport report = tag switch
        {
            ReportTag.AnswerPart => new AnswerPart(id, from.Int32(), from.Texts(), from.Bytes(), from.Bool()),
            ReportTag.CallFailed => new CallFailed(id, from.Text()),
            ReportTag.WatchBatch => new WatchBatch(id, ReadEvents(ref from)),
            ReportTag.WatchEnded => new WatchEnded(id, from.OptionalText()),
            ReportTag.GatewayAlive => new GatewayAlive((ushort)id),
            _ => new SessionLost(),
        };
        return new FromGateway(session, sequence, report);
    }

    private static void Head(WireWriter to, CommandTag tag, long id)
    {
        to.Byte((byte)tag);
        to.Signed(id);
    }

    private static void Head(WireWriter to, ReportTag tag, long id)
    {
        to.Byte((byte)tag);
        to.Signed(id);
    }

    private static void Write(WireWriter to, ImmutableArray<WatchEvent> events)
    {
        to.Unsigned((ulong)events.Length);
        foreach (var e in events)
        {
            to.Byte((byte)e.Type);
            to.Bytes(e.Object.Span);
        }
    }

    private static ImmutableArray<WatchEvent> ReadEvents(ref WireReader from)
    {
        var events = ImmutableArray.CreateBuilder<WatchEvent>(from.Length(2));
        for (var i = events.Capacity; i > 0; i--)
            events.Add(new WatchEvent(from.Enum<WatchEventType>(), from.Bytes()));
        return events.MoveToImmutable();
    }
}
