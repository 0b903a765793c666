using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Chaos;

/// <summary>Rules that the kinds share: those of the custom resource definitions' schemas and of the webhook (api/v1alpha1/common_webhook.go of Chaos Mesh).</summary>
internal static partial class ChaosRules
{
    private static readonly string[] Modes = ["one", "all", "fixed", "fixed-percent", "random-max-percent"];

    /// <summary>Names the object's own namespace where a selector names none.</summary>
    public static void DefaultSelector(JsonObject holder, string ns)
    {
        if (ns.Length == 0 || holder["selector"] is not JsonObject selector) return;
        if (selector.GetArray("namespaces") is not { Count: > 0 }) selector["namespaces"] = new JsonArray(ns);
    }

    /// <summary>A selector, and how many of what it selects.</summary>
    public static void Selector(JsonObject holder, string path, FieldErrors errors)
    {
        if (!holder.Has("selector")) errors.Required($"{path}.selector");
        Enumeration(holder, "mode", path, Modes, errors);
        var value = holder.GetString("value") ?? "";
        switch (holder.GetString("mode"))
        {
            case "fixed" when Count(value, path, errors) is { } number and <= 0:
                errors.Invalid($"{path}.value", value, "value must be greater than 0 with mode:fixed");
                break;
            case "fixed-percent" or "random-max-percent" when Count(value, path, errors) is { } percent and (<= 0 or > 100):
                errors.Invalid($"{path}.value", value, $"value of {percent} is invalid, Must be (0,100] with mode:{holder.GetString("mode")}");
                break;
        }
    }

    /// <summary>A value that must be there and be one of these.</summary>
    public static void Enumeration(JsonObject holder, string name, string path, string[] values, FieldErrors errors)
    {
        if (holder.GetString(name) is not { } value) errors.Required($"{path}.{name}");
        else if (!values.Contains(value)) errors.NotSupported($"{path}.{name}", value, values);
    }

    public static void Duration(JsonObject holder, string name, string path, FieldErrors errors)
    {
        if (holder.GetString(name) is { Length: > 0 } text) Try(() => GoDurations.Parse(text), fault => errors.Invalid($"{path}.{name}", text, $"parse duration field error: {fault}"));
    }

    /// <summary>A duration with one unit.</summary>
    public static void SimpleDuration(JsonObject holder, string name, string path, FieldErrors errors)
    {
        if (holder.GetString(name) is { } text && !Simple().IsMatch(text))
            errors.Invalid($"{path}.{name}", text, $"{path}.{name} in body should match '^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)$'");
    }

    /// <summary>A percentage, as text.</summary>
    public static void Percentage(JsonObject holder, string name, string path, bool isRequired, FieldErrors errors)
    {
        if (holder.GetString(name) is { } text) Try(() => ChaosValues.Float(text), fault => errors.Invalid($"{path}.{name}", text, $"parse correlation field error:{fault}"));
        else if (isRequired) errors.Required($"{path}.{name}");
    }

    public static void Rate(JsonObject holder, string path, FieldErrors errors)
    {
        if (holder.GetString("rate") is { } text) Try(() => ChaosValues.Rate(text), fault => errors.Invalid($"{path}.rate", text, $"parse rate field error:{fault}"));
        else errors.Required($"{path}.rate");
    }

    public static void AtLeast(JsonObject holder, string name, string path, long least, FieldErrors errors)
    {
        if (holder.GetInteger(name) is { } value && value < least)
            errors.Invalid($"{path}.{name}", value, $"{path}.{name} in body should be greater than or equal to {least.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
    }

    /// <summary>Experiments stay what they were made as.</summary>
    public static void Unchanged(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (!obj["spec"].SameAs(old["spec"])) errors.Forbidden("spec", "Cannot update chaos spec");
    }

    public static void Try<T>(Func<T> parse, Action<string> complain)
    {
        try
        {
            parse();
        }
        catch (FormatException fault)
        {
            complain(fault.Message);
        }
    }

    private static int? Count(string value, string path, FieldErrors errors)
    {
        int? count = null;
        Try(() => count = ChaosValues.Integer(value), fault => errors.Invalid($"{path}.value", value, $"parse value field error:{fault}"));
        return count;
    }

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h)\z")]
    private static partial Regex Simple();
}
