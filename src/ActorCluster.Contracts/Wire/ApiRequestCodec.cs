using ActorCluster.Api;
using ActorCluster.Contracts.Client;

namespace ActorCluster.Contracts.Wire;

/// <summary>The API's requests, field by field.</summary>
internal static class ApiRequestCodec
{
    public static void Write(WireWriter to, ApiRequest request)
    {
        to.Byte((byte)request.Verb);
        Write(to, request.Resource);
        to.Text(request.Namespace);
        to.Text(request.Name);
        to.Text(request.Subresource);
        to.OptionalText(request.Version);
        to.Bytes(request.Body.Span);
        to.Byte((byte)request.PatchType);
        to.Bool(request.Options is not null);
        if (request.Options is { } options) Write(to, options);
    }

    public static ApiRequest ReadRequest(ref WireReader from) => new(
        from.Enum<ApiVerb>(),
        ReadResource(ref from), from.Text(), from.Text(), from.Text(), from.OptionalText(), from.Bytes(),
        from.Enum<PatchType>(),
        from.Bool() ? ReadOptions(ref from) : null);

    public static void Write(WireWriter to, WatchRequest request)
    {
        Write(to, request.Resource);
        to.Text(request.Namespace);
        to.OptionalText(request.ResourceVersion);
        to.OptionalText(request.LabelSelector);
        to.OptionalText(request.FieldSelector);
        to.Bool(request.AllowBookmarks);
        to.Bool(request.SendInitialEvents);
        to.OptionalText(request.Version);
    }

    public static WatchRequest ReadWatch(ref WireReader from) => new(
        ReadResource(ref from), from.Text(), from.OptionalText(), from.OptionalText(), from.OptionalText(),
        from.Bool(), from.Bool(), from.OptionalText());

    private static void Write(WireWriter to, ResourceName resource)
    {
        to.Text(resource.Group);
        to.Text(resource.Plural);
    }

    private static ResourceName ReadResource(ref WireReader from) => new(from.Text(), from.Text());

    private static void Write(WireWriter to, ApiRequestOptions options)
    {
        to.OptionalText(options.LabelSelector);
        to.OptionalText(options.FieldSelector);
        to.OptionalText(options.ResourceVersion);
        to.OptionalText(options.ResourceVersionMatch);
        to.Optional(options.Limit);
        to.OptionalText(options.Continue);
        to.Bool(options.DryRun);
        to.OptionalText(options.FieldManager);
        to.OptionalText(options.FieldValidation);
        to.Bool(options.Force);
        to.OptionalText(options.PropagationPolicy);
        to.Optional(options.GracePeriodSeconds);
        to.OptionalText(options.PreconditionUid);
        to.OptionalText(options.PreconditionResourceVersion);
        to.Text(options.User);
    }

    // Initializers run in the order in which they are written, which is the order of the fields.
    private static ApiRequestOptions ReadOptions(ref WireReader from) => new()
    {
        LabelSelector = from.OptionalText(),
        FieldSelector = from.OptionalText(),
        ResourceVersion = from.OptionalText(),
        ResourceVersionMatch = from.OptionalText(),
        Limit = from.OptionalInt32(),
        Continue = from.OptionalText(),
        DryRun = from.Bool(),
        FieldManager = from.OptionalText(),
        FieldValidation = from.OptionalText(),
        Force = from.Bool(),
        PropagationPolicy = from.OptionalText(),
        GracePeriodSeconds = from.Optional(),
        PreconditionUid = from.OptionalText(),
        PreconditionResourceVersion = from.OptionalText(),
        User = from.Text(),
    };
}
