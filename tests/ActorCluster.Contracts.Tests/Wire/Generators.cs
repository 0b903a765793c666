using System.Collections.Immutable;
using ActorCluster.Api;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Client.Remote;
using ActorCluster.Contracts.Streams;
using ActorCluster.Contracts.Tables;
using FsCheck;
using FsCheck.Fluent;

namespace ActorCluster.Contracts.Tests.Wire;

/// <summary>Any message that Contracts sends between processes.</summary>
internal static class Generators
{
    private static readonly Gen<string> Text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(static s => new string([.. s.Get.Where(c => !char.IsSurrogate(c))]));
    private static readonly Gen<string?> OptionalText = Gen.OneOf(Gen.Constant((string?)null), Text.Select(static s => (string?)s), Gen.Constant((string?)"🚀é"));
    private static readonly Gen<bool> Bool = Gen.Elements(true, false);
    private static readonly Gen<long> Long = Gen.OneOf(ArbMap.Default.GeneratorFor<long>(), Gen.Elements(0, -1, 127, 128, long.MinValue, long.MaxValue));
    private static readonly Gen<int> Int = Gen.OneOf(ArbMap.Default.GeneratorFor<int>(), Gen.Elements(0, -1, int.MinValue, int.MaxValue));
    private static readonly Gen<long?> OptionalLong = Gen.OneOf(Gen.Constant((long?)null), Long.Select(static n => (long?)n));
    private static readonly Gen<int?> OptionalInt = Gen.OneOf(Gen.Constant((int?)null), Int.Select(static n => (int?)n));
    private static readonly Gen<ReadOnlyMemory<byte>> Bytes = ArbMap.Default.GeneratorFor<byte[]>().Select(static b => (ReadOnlyMemory<byte>)b);
    private static readonly Gen<ResourceName> Resource = from g in Text from p in Text select new ResourceName(g, p);

    public static Gen<object> Message => Gen.OneOf(
        from session in Long from sequence in Long from command in Command select (object)new ToGateway(session, sequence, command),
        from session in Long from sequence in Long from report in Report select (object)new FromGateway(session, sequence, report),
        StreamRequest.Select(static request => (object)new OpenContainerStream(request)),
        from sequence in Long from content in Content select (object)new StreamFrame(sequence, content),
        Long.Select(static revision => (object)new AwaitEndpointSlices(revision)),
        Long.Select(static revision => (object)new EndpointSlicesApplied(revision)));

    private static Gen<ApiRequestOptions?> Options =>
        from texts in OptionalText.ListOf(10)
        from limit in OptionalInt
        from dryRun in Bool
        from force in Bool
        from grace in OptionalLong
        from user in Text
        from present in Bool
        select present
            ? new ApiRequestOptions
            {
                LabelSelector = texts[0], FieldSelector = texts[1], ResourceVersion = texts[2], ResourceVersionMatch = texts[3], Continue = texts[4],
                FieldManager = texts[5], FieldValidation = texts[6], PropagationPolicy = texts[7], PreconditionUid = texts[8],
                PreconditionResourceVersion = texts[9], Limit = limit, DryRun = dryRun, Force = force, GracePeriodSeconds = grace, User = user,
            }
            : null;

    private static Gen<ApiRequest> Request =>
        from verb in Gen.Elements(Enum.GetValues<ApiVerb>())
        from resource in Resource
        from texts in Text.ListOf(3)
        from version in OptionalText
        from body in Bytes
        from patch in Gen.Elements(Enum.GetValues<PatchType>())
        from options in Options
        select new ApiRequest(verb, resource, texts[0], texts[1], texts[2], version, body, patch, options);

    private static Gen<WatchRequest> Watch =>
        from resource in Resource
        from ns in Text
        from texts in OptionalText.ListOf(4)
        from bookmarks in Bool
        from initial in Bool
        select new WatchRequest(resource, ns, texts[0], texts[1], texts[2], bookmarks, initial, texts[3]);

    private static Gen<IGatewayCommand> Command => Gen.OneOf(
        from id in Long from request in Request select (IGatewayCommand)new Call(id, request),
        from id in Long from request in Watch select (IGatewayCommand)new OpenWatch(id, request),
        from id in Long from bytes in Int select (IGatewayCommand)new GrantCredit(id, bytes),
        Long.Select(static id => (IGatewayCommand)new CancelCall(id)),
        Long.Select(static id => (IGatewayCommand)new CloseWatch(id)),
        Gen.Constant((IGatewayCommand)new ClientAlive()));

    private static Gen<IGatewayReport> Report => Gen.OneOf(
        from id in Long
        from status in Int
        from warnings in Text.ListOf()
        from body in Bytes
        from last in Bool
        select (IGatewayReport)new AnswerPart(id, status, [.. warnings], body, last),
        from id in Long
        from events in (from type in Gen.Elements(Enum.GetValues<WatchEventType>()) from bytes in Bytes select new WatchEvent(type, bytes)).ListOf()
        select (IGatewayReport)new WatchBatch(id, events.ToImmutableArray()),
        from id in Long from message in Text select (IGatewayReport)new CallFailed(id, message),
        from id in Long from why in OptionalText select (IGatewayReport)new WatchEnded(id, why),
        Gen.Elements<IGatewayReport>(new GatewayAlive(0), new GatewayAlive(65535), new SessionLost()));

    private static Gen<ContainerStreamRequest> StreamRequest =>
        from texts in Text.ListOf(4)
        from flags in Bool.ListOf(4)
        from numbers in OptionalLong.ListOf(3)
        from ticks in Gen.Choose(0, int.MaxValue)
        from command in Text.ListOf()
        from port in Int
        from request in Gen.Elements<ContainerStreamRequest>(
            new LogRequest(texts[0], texts[1], texts[2], texts[3], flags[0], flags[1], flags[2], numbers[0], numbers[1],
                flags[3] ? new DateTimeOffset(ticks * 1_000_000_000L, TimeSpan.Zero) : null, numbers[2]),
            new ExecRequest(texts[0], texts[1], texts[2], texts[3], [.. command], flags[0], flags[1], flags[2], flags[3]),
            new AttachRequest(texts[0], texts[1], texts[2], texts[3], flags[0], flags[1], flags[2], flags[3]),
            new PortForwardRequest(texts[0], texts[1], texts[2], port),
            new DialRequest(texts[0], port),
            new AgentRequest(texts[0]),
            new TraceRequest(texts[0], texts[1], port, texts[2], ticks, port, flags[0]),
            new CaptureRequest([.. command]),
            new LookupRequest(texts[0], texts[1], texts[2], texts[3]),
            new KillContainerRequest(texts[0], texts[1], texts[2], texts[3]))
        select request;

    private static Gen<IStreamContent> Content
    {
        get
        {
            var channel = Gen.Elements(Enum.GetValues<StreamChannel>());
            return Gen.OneOf(
                from c in channel from data in Bytes select (IStreamContent)new StreamData(c, data),
                from c in channel from bytes in Int select (IStreamContent)new StreamCredit(c, bytes),
                channel.Select(static c => (IStreamContent)new StreamInputClosed(c)),
                from w in Gen.Choose(0, ushort.MaxValue)
                from h in Gen.Choose(0, ushort.MaxValue)
                select (IStreamContent)new StreamResized(new TerminalSize((ushort)w, (ushort)h)),
                from code in OptionalInt from message in OptionalText select (IStreamContent)new StreamExited(new StreamExit(code, message)),
                from code in Int from reason in Text from message in Text select (IStreamContent)new StreamFailed(code, reason, message),
                Gen.Elements<IStreamContent>(new StreamAccepted(), new StreamAbandoned(), new StreamAlive()));
        }
    }
}
