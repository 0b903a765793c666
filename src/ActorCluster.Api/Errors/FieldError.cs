using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Errors;

/// <summary>What is wrong with one field (apimachinery/pkg/util/validation/field/errors.go).</summary>
public enum FieldErrorType
{
    NotFound,
    Required,
    Duplicate,
    Invalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooMany,
    TypeInvalid,
    Internal,
}

/// <summary>One fault of one field, worded as upstream words it.</summary>
/// <param name="Field">The path, e.g. <c>spec.containers[0].image</c>.</param>
/// <param name="BadValue">The value as it stands; null for "null". Not printed for the kinds of error that never print it.</param>
public sealed record FieldError(FieldErrorType Type, string Field, JsonNode? BadValue, string Detail)
{
    /// <summary>Whether the fault is of no one value that could be printed (field.OmitValueType).</summary>
    public bool OmitsValue { get; init; }

    /// <summary>The machine-readable cause in a Status.</summary>
    public string Reason => Type switch
    {
        FieldErrorType.Internal => "InternalError",
        FieldErrorType.TypeInvalid => "FieldValueTypeInvalid",
        _ => $"FieldValue{Type}",
    };

    /// <summary>The message without the field's name.</summary>
    public string Body
    {
        get
        {
            var text = Type switch
            {
                FieldErrorType.NotFound => "Not found",
                FieldErrorType.Required => "Required value",
                FieldErrorType.Duplicate => "Duplicate value",
                FieldErrorType.NotSupported => "Unsupported value",
                FieldErrorType.Forbidden => "Forbidden",
                FieldErrorType.TooLong => "Too long",
                FieldErrorType.TooMany => "Too many",
                FieldErrorType.Internal => "Internal error",
                _ => "Invalid value",
            };
            if (!OmitsValue && Type is not (FieldErrorType.Required or FieldErrorType.Forbidden or FieldErrorType.TooLong or FieldErrorType.Internal))
            {
                text = $"{text}: {PrintValue()}";
            }
            return Detail.Length == 0 ? text : $"{text}: {Detail}";
        }
    }

    public override string ToString() => $"{Field}: {Body}";

    private string PrintValue() => BadValue switch
    {
        null => "null",
        JsonValue when JsonDocuments.AsString(BadValue) is { } text => GoQuote(text),
        _ => BadValue.ToJsonString(JsonDocuments.CompactJson),
    };

    /// <summary>A string as Go's %q prints it.</summary>
    public static string GoQuote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < 0x20 or 0x7f => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ => quoted.Append(rune.ToString()),
            };
        }
        return quoted.Append('"').ToString();
    }
}

/// <summary>Collects every fault of an object; validators add, nobody throws.</summary>
public sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;
    public int Count => _errors.Count;

    public void Required(string field, string detail = "") => Add(FieldErrorType.Required, field, null, detail);
    public void Invalid(string field, JsonNode? value, string detail) => Add(FieldErrorType.Invalid, field, value, detail);

    /// <summary>A fault that lies in how several values fit together.</summary>
    public void InvalidState(string field, string detail) => _errors.Add(new FieldError(FieldErrorType.Invalid, field, null, detail) { OmitsValue = true });

    public void Duplicate(string field, JsonNode? value) => Add(FieldErrorType.Duplicate, field, value, "");
    public void Forbidden(string field, string detail) => Add(FieldErrorType.Forbidden, field, null, detail);
    public void NotFound(string field, JsonNode? value) => Add(FieldErrorType.NotFound, field, value, "");
    public void TooMany(string field, int count, int most) => Add(FieldErrorType.TooMany, field, count, $"must have at most {most} {(most == 1 ? "item" : "items")}");
    public void Internal(string field, string detail) => Add(FieldErrorType.Internal, field, null, detail);

    public void TooLong(string field, int mostBytes) =>
        Add(FieldErrorType.TooLong, field, null, $"may not be more than {mostBytes} bytes");

    /// <summary>A value that isn't one of an enumeration's.</summary>
    public void NotSupported(string field, JsonNode? value, params IEnumerable<string> supported) =>
        Add(FieldErrorType.NotSupported, field, value,
            "supported values: " + string.Join(", ", supported.Select(FieldError.GoQuote)));

    public void Add(FieldErrorType type, string field, JsonNode? value, string detail) =>
        _errors.Add(new FieldError(type, field, value?.DeepClone(), detail));

    /// <summary>One message for all: the only one as it is, several in brackets, each once.</summary>
    public string Aggregate()
    {
        var messages = _errors.Select(e => e.ToString()).Distinct().ToList();
        return messages.Count == 1 ? messages[0] : $"[{string.Join(", ", messages)}]";
    }
}
