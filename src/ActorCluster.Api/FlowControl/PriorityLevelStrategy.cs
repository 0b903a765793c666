using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.FlowControl;

/// <summary>pkg/registry/flowcontrol/prioritylevelconfiguration, pkg/apis/flowcontrol/{v1,validation}.</summary>
internal sealed class PriorityLevelStrategy : ResourceStrategy
{
    private const int MostQueues = 10_000_000;

    /// <summary>Of the hash that deals a flow its hand (apiserver/pkg/util/shufflesharding).</summary>
    private const int HashBits = 60;
    private static readonly string[] Types = ["Exempt", "Limited"];
    private static readonly string[] Responses = ["Queue", "Reject"];

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (spec.GetObject("exempt") is { } exempt)
        {
            exempt.Default("nominalConcurrencyShares", 0);
            exempt.Default("lendablePercent", 0);
        }
        if (spec.GetObject("limited") is not { } limited) return;
        limited.Default("nominalConcurrencyShares", 30);
        limited.Default("lendablePercent", 0);
        if (limited.At("limitResponse", "queuing") is not JsonObject queuing) return;
        DefaultZero(queuing, "handSize", 8);
        DefaultZero(queuing, "queues", 64);
        DefaultZero(queuing, "queueLengthLimit", 50);
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var name = ObjectMetadata.Of(obj).Name;
        var spec = obj.Ensure("spec");
        var type = spec.GetString("type") ?? "";
        if (name == FlowControlObjects.Exempt != (type == "Exempt")) errors.Invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'");
        switch (type)
        {
            case "Exempt":
                if (spec.Has("limited")) errors.Forbidden("spec.limited", "must be nil if the type is not Limited");
                if (spec.GetObject("exempt") is { } exempt) Shares(exempt, "spec.exempt", errors);
                break;
            case "Limited":
                if (spec.Has("exempt")) errors.Forbidden("spec.exempt", "must be nil if the type is Limited");
                if (spec.GetObject("limited") is { } limited) Limited(limited, "spec.limited", errors);
                else errors.Required("spec.limited", "must not be empty when type is Limited");
                break;
            default:
                errors.NotSupported("spec.type", type, Types);
                break;
        }
        Mandatory(name, spec, errors);
        FlowControlStatus.Validate(obj, errors);
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => FlowControlStatus.Validate(obj, errors);

    private static void Mandatory(string name, JsonObject spec, FieldErrors errors)
    {
        if (!FlowControlObjects.IsMandatory(name)) return;
        var wanted = FlowControlObjects.PriorityLevels.First(level => ObjectMetadata.Of(level).Name == name)["spec"]!;
        if (name != FlowControlObjects.Exempt)
        {
            if (!spec.SameAs(wanted)) errors.Invalid("spec", spec, $"spec of '{name}' must equal the fixed value");
            return;
        }
        var have = (JsonObject)spec.DeepClone();
        have.Put("exempt", wanted["exempt"]!.DeepClone());
        if (!have.SameAs(wanted)) errors.Invalid("spec", spec, $"spec of '{name}' except the 'spec.exempt' field must equal the fixed value");
    }

    private static void Shares(JsonObject level, string path, FieldErrors errors)
    {
        if (level.GetInteger("nominalConcurrencyShares") is { } shares and < 0) errors.Invalid($"{path}.nominalConcurrencyShares", shares, "must be a non-negative integer");
        if (level.GetInteger("lendablePercent") is { } lendable and (< 0 or > 100)) errors.Invalid($"{path}.lendablePercent", lendable, "must be between 0 and 100, inclusive");
    }

    private static void Limited(JsonObject limited, string path, FieldErrors errors)
    {
        Shares(limited, path, errors);
        if (limited.GetInteger("borrowingLimitPercent") is { } borrowing and < 0) errors.Invalid($"{path}.borrowingLimitPercent", borrowing, "if specified, must be a non-negative integer");
        var response = limited.GetObject("limitResponse") ?? [];
        var type = response.GetString("type") ?? "";
        path += ".limitResponse";
        switch (type)
        {
            case "Reject":
                if (response.Has("queuing")) errors.Forbidden($"{path}.queuing", "must be nil if limited.limitResponse.type is not Limited");
                break;
            case "Queue":
                if (response.GetObject("queuing") is { } queuing) Queuing(queuing, $"{path}.queuing", errors);
                else errors.Required($"{path}.queuing", "must not be empty if limited.limitResponse.type is Limited");
                break;
            default:
                errors.NotSupported($"{path}.type", type, Responses);
                break;
        }
    }

    private static void Queuing(JsonObject queuing, string path, FieldErrors errors)
    {
        if (queuing.GetInteger("queueLengthLimit") is { } length and <= 0) errors.Invalid($"{path}.queueLengthLimit", length, "must be positive");
        var queues = queuing.GetInteger("queues") ?? 0;
        if (queues <= 0) errors.Invalid($"{path}.queues", queues, "must be positive");
        else if (queues > MostQueues) errors.Invalid($"{path}.queues", queues, $"must not be greater than {MostQueues}");
        var hand = queuing.GetInteger("handSize") ?? 0;
        if (hand <= 0) errors.Invalid($"{path}.handSize", hand, "must be positive");
        else if (hand > queues) errors.Invalid($"{path}.handSize", hand, $"should not be greater than queues ({queues})");
        else if (Math.Ceiling(hand * Math.Log2(queues)) > HashBits)
            errors.Invalid($"{path}.handSize", hand, $"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {HashBits}");
    }

    private static void DefaultZero(JsonObject parent, string name, int value)
    {
        if (parent.GetInteger(name) is null or 0) parent[name] = value;
    }
}
