using System.Runtime.Serialization;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.Contracts.Wire;

/// <summary>The container streams' messages: sequence, one byte that says which, and its fields in order.</summary>
internal static class StreamCodec
{
    private enum RequestTag : byte
    {
        Log,
        Exec,
        Attach,
        PortForward,
        Dial,
        Agent,
        Trace,
        Capture,
        Lookup,
        Kill,
    }

    private enum ContentTag : byte
    {
        Accepted,
        Data,
        Credit,
        InputClosed,
        Resized,
        Exited,
        Failed,
        Abandoned,
        Alive,
    }

    public static void Write(WireWriter to, OpenContainerStream open)
    {
        var request = open.Request;
        to.Byte((byte)TagOf(request));
        to.Text(request.Namespace);
        to.Text(request.Pod);
        to.Text(request.PodUid);
        switch (request)
        {
            case PortForwardRequest forward:
                to.Signed(forward.Port);
                break;
            case DialRequest dial:
                to.Text(dial.Address);
                to.Signed(dial.Port);
                break;
            case AgentRequest agent:
                to.Text(agent.Path);
                break;
            case TraceRequest trace:
                to.Text(trace.Protocol);
                to.Text(trace.Source);
                to.Signed(trace.SourcePort);
                to.Text(trace.Destination);
                to.Signed(trace.Port);
                to.Signed(trace.TimeToLive);
                to.Bool(trace.IsFirst);
                break;
            case CaptureRequest capture:
                to.Texts(capture.Pods);
                break;
            case LookupRequest lookup:
                to.Text(lookup.Name);
                break;
            case KillContainerRequest kill:
                to.Text(kill.Container);
                break;
            case LogRequest log:
                to.Text(log.Container);
                Flags(to, log.Follow, log.Previous, log.Timestamps);
                to.Optional(log.TailLines);
                to.Optional(log.SinceSeconds);
                to.Optional(log.SinceTime?.UtcTicks);
                to.Optional(log.LimitBytes);
                break;
            case ExecRequest exec:
                to.Text(exec.Container);
                to.Texts(exec.Command);
                Flags(to, exec.Stdin, exec.Stdout, exec.Stderr, exec.Tty);
                break;
            case AttachRequest attach:
                to.Text(attach.Container);
                Flags(to, attach.Stdin, attach.Stdout, attach.Stderr, attach.Tty);
                break;
            default: throw new SerializationException($"{request.GetType()} has no wire form.");
        }
    }

    public static OpenContainerStream ReadOpen(ref WireReader from)
    {
        var tag = from.Enum<RequestTag>();
        var (ns, pod, uid) = (from.Text(), from.Text(), from.Text());
        return new OpenContainerStream(tag switch
        {
            RequestTag.Log => new LogRequest(ns, pod, uid, from.Text(), from.Bool(), from.Bool(), from.Bool(),
                from.Optional(), from.Optional(), Time(from.Optional()), from.Optional()),
            RequestTag.Exec => new ExecRequest(ns, pod, uid, from.Text(), from.Texts(), from.Bool(), from.Bool(), from.Bool(), from.Bool()),
            RequestTag.Attach => new AttachRequest(ns, pod, uid, from.Text(), from.Bool(), from.Bool(), from.Bool(), from.Bool()),
            RequestTag.Dial => new DialRequest(from.Text(), from.Int32()),
            RequestTag.Agent => new AgentRequest(from.Text()),
            RequestTag.Trace => new TraceRequest(from.Text(), from.Text(), from.Int32(), from.Text(), from.Int32(), from.Int32(), from.Bool()),
            RequestTag.Capture => new CaptureRequest(from.Texts()),
            RequestTag.Lookup => new LookupRequest(ns, pod, uid, from.Text()),
            RequestTag.Kill => new KillContainerRequest(ns, pod, uid, from.Text()),
            _ => new PortForwardRequest(ns, pod, uid, from.Int32()),
        });
    }

    public static void Write(WireWriter to, StreamFrame frame)
    {
        to.Signed(frame.Sequence);
        switch (frame.Content)
        {
            case StreamData data:
                Head(to, ContentTag.Data, data.Channel);
                to.Bytes(data.Data.Span);
                break;
            case StreamCredit credit:
                Head(to, ContentTag.Credit, credit.Channel);
                to.Signed(credit.Bytes);
                break;
            case StreamInputClosed closed: Head(to, ContentTag.InputClosed, closed.Channel); break;
            case StreamResized resized:
                to.Byte((byte)ContentTag.Resized);
                to.Unsigned(resized.Size.Width);
                to.Unsigned(resized.Size.Height);
                break;
            case StreamExited exited:
                to.Byte((byte)ContentTag.Exited);
                to.Optional(exited.Exit.ExitCode);
                to.OptionalText(exited.Exit.Message);
                break;
            case StreamFailed failed:
                to.Byte((byte)ContentTag.Failed);
                to.Signed(failed.StatusCode);
                to.Text(failed.Reason);
                to.Text(failed.Message);
                break;
            case StreamAccepted: to.Byte((byte)ContentTag.Accepted); break;
            case StreamAbandoned: to.Byte((byte)ContentTag.Abandoned); break;
            case StreamAlive: to.Byte((byte)ContentTag.Alive); break;
            default: throw new SerializationException($"{frame.Content.GetType()} has no wire form.");
        }
    }

    public static StreamFrame ReadFrame(ref WireReader from)
    {
        var sequence = from.Signed();
        IStreamContent content = from.Enum<ContentTag>() switch
        {
            ContentTag.Accepted => new StreamAccepted(),
            ContentTag.Data => new StreamData(from.Enum<StreamChannel>(), from.Bytes()),
            ContentTag.Credit => new StreamCredit(from.Enum<StreamChannel>(), from.Int32()),
            ContentTag.InputClosed => new StreamInputClosed(from.Enum<StreamChannel>()),
            ContentTag.Resized => new StreamResized(new TerminalSize(Size(ref from), Size(ref from))),
            ContentTag.Exited => new StreamExited(new StreamExit(from.OptionalInt32(), from.OptionalText())),
            ContentTag.Failed => new StreamFailed(from.Int32(), from.Text(), from.Text()),
            ContentTag.Abandoned => new StreamAbandoned(),
            _ => new StreamAlive(),
        };
        return new StreamFrame(sequence, content);
    }

    private static RequestTag TagOf(ContainerStreamRequest request) => request switch
    {
        LogRequest => RequestTag.Log,
        ExecRequest => RequestTag.Exec,
        AttachRequest => RequestTag.Attach,
        PortForwardRequest => RequestTag.PortForward,
        DialRequest => RequestTag.Dial,
        AgentRequest => RequestTag.Agent,
        TraceRequest => RequestTag.Trace,
        CaptureRequest => RequestTag.Capture,
        LookupRequest => RequestTag.Lookup,
        KillContainerRequest => RequestTag.Kill,
        _ => throw new SerializationException($"{request.GetType()} has no wire form."),
    };

    private static void Head(WireWriter to, ContentTag tag, StreamChannel channel)
    {
        to.Byte((byte)tag);
        to.Byte((byte)channel);
    }

    private static void Flags(WireWriter to, params ReadOnlySpan<bool> flags)
    {
        foreach (var flag in flags) to.Bool(flag);
    }

    private static DateTimeOffset? Time(long? utcTicks) => utcTicks switch
    {
        null => null,
        >= 0 and <= 3155378975999999999 => new DateTimeOffset(utcTicks.Value, TimeSpan.Zero),
        _ => throw WireReader.Damaged($"{utcTicks} is no time"),
    };

    private static ushort Size(ref WireReader from) =>
        from.Unsigned() is var value && value <= ushort.MaxValue ? (ushort)value : throw WireReader.Damaged($"a terminal of size {value}");
}
