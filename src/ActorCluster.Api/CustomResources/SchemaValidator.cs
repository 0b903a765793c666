using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.CustomResources;

/// <summary>Whether a value fits a schema; what doesn't is worded as kube-openapi's validator words it (kube-openapi/pkg/validation/validate).</summary>
/// <remarks>
/// What an update leaves as it was isn't held against it (CRDValidationRatcheting): a part of the object that equals the one it can be correlated with,
/// by field name or by the keys of a list of type map, has no faults.
/// </remarks>
public static class SchemaValidator
{
    private const string NoField = "<nil>";

    /// <param name="root">Where the value stands in the object, for the errors' fields: "" for the object itself, "status" for its status.</param>
    /// <param name="old">What stood there before an update; null for a creation.</param>
    public static void Validate(JsonNode? value, JsonSchema schema, string root, FieldErrors errors, JsonNode? old = null)
    {
        var visit = new Visit();
        visit.Value(value, schema, "", old, old is not null);
        foreach (var fault in visit.Faults)
        {
            var field = fault.Path is null ? (root.Length == 0 ? NoField : root) : Join(root, fault.Path.TrimStart('.'));
            errors.Add(fault.Type, field, fault.Value, fault.Detail);
        }
    }

    private static string Join(string root, string path) => root.Length == 0 ? (path.Length == 0 ? NoField : path) : path.Length == 0 ? root : $"{root}.{path}";

    /// <param name="Path">Null: of no one field.</param>
    private readonly record struct Fault(FieldErrorType Type, string? Path, JsonNode? Value, string Detail);

    private sealed class Visit
    {
        /// <summary>How much fitted: of several alternatives that all fail, the nearest is told.</summary>
        private int _matches;

        public List<Fault> Faults { get; } = [];

        public void Value(JsonNode? value, JsonSchema schema, string path, JsonNode? old, bool hasOld)
        {
            if (hasOld && value.SameAs(old)) return;
            if (!OfType(value, schema, path)) return;
            if (value is not null) Alternatives(value, schema, path, old, hasOld);
            OfEnumeration(value, schema, path);
            switch (value)
            {
                case JsonObject map: Fields(map, schema, path, old as JsonObject); break;
                case JsonArray list: Elements(list, schema, path, old as JsonArray); break;
                case not null when JsonDocuments.AsString(value) is { } text: Text(text, schema, path); break;
                case not null when Numbers.AsDouble(value) is { } number: Number(number, value, schema, path); break;
            }
            _matches++;
        }

        private bool OfType(JsonNode? value, JsonSchema schema, string path)
        {
            var type = schema.IsIntOrString ? "integer,string" : schema.Type;
            if (type.Length == 0) return true;
            if (value is null)
            {
                if (schema.IsNullable) return true;
                WrongType(path, type, "null");
                return false;
            }
            var fits = schema.IsIntOrString ? Numbers.IsInteger(value) || JsonDocuments.AsString(value) is not null : type switch
            {
                "integer" => Numbers.IsInteger(value),
                "number" => Numbers.IsNumber(value),
                var other => other == NameOf(value),
            };
            if (!fits) WrongType(path, type, NameOf(value));
            else if (JsonDocuments.AsString(value) is { } text && schema.Format.Length > 0 && schema.Type == "string" && !SchemaFormats.Fits(schema.Format, text)) WrongType(path, schema.Format, text);
            return fits;
        }

        private void WrongType(string path, string type, string actual) =>
            Add(FieldErrorType.TypeInvalid, path, actual, $"{path} in body must be of type {type}: {FieldError.GoQuote(actual)}");

        private void Alternatives(JsonNode value, JsonSchema schema, string path, JsonNode? old, bool hasOld)
        {
            if (!schema.AnyOf.IsEmpty)
            {
                var visits = Try(schema.AnyOf);
                if (visits.All(v => v.Faults.Count > 0))
                {
                    General($"{FieldError.GoQuote(path)} must validate at least one schema (anyOf)");
                    Faults.AddRange(visits.MaxBy(v => v._matches)!.Faults);
                }
            }
            if (!schema.OneOf.IsEmpty)
            {
                var visits = Try(schema.OneOf);
                var fitting = visits.Count(v => v.Faults.Count == 0);
                if (fitting != 1)
                {
                    General($"{FieldError.GoQuote(path)} must validate one and only one schema (oneOf). "
                        + (fitting == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {fitting} valid alternatives")));
                    if (fitting == 0) Faults.AddRange(visits.MaxBy(v => v._matches)!.Faults);
                }
            }
            if (!schema.AllOf.IsEmpty)
            {
                var visits = Try(schema.AllOf);
                foreach (var visit in visits) Faults.AddRange(visit.Faults);
                if (visits.Any(v => v.Faults.Count > 0))
                    General($"{FieldError.GoQuote(path)} must validate all the schemas (allOf){(visits.All(v => v.Faults.Count > 0) ? ". None validated" : "")}");
            }
            if (schema.Not is { } not && Try([not])[0].Faults.Count == 0) General($"{FieldError.GoQuote(path)} must not validate the schema (not)");

            List<Visit> Try(IEnumerable<JsonSchema> schemas)
            {
                List<Visit> visits = [];
                foreach (var alternative in schemas)
                {
                    var visit = new Visit();
                    visit.Value(value, alternative, path, old, hasOld);
                    visits.Add(visit);
                }
                return visits;
            }
        }

        private void General(string detail) => Faults.Add(new Fault(FieldErrorType.Invalid, null, "", detail));

        private void OfEnumeration(JsonNode? value, JsonSchema schema, string path)
        {
            if (schema.Enum is not { Count: > 0 } values || values.Any(v => v.SameAs(value) || (Numbers.AsDouble(v) is { } number && number == Numbers.AsDouble(value)))) return;
            var names = values.Select(v => FieldError.GoQuote(JsonDocuments.AsString(v) ?? (v is null ? "null" : v.ToJsonString(JsonDocuments.CompactJson))));
            Add(FieldErrorType.NotSupported, path, value, $"supported values: {string.Join(", ", names)}");
        }

        private void Text(string text, JsonSchema schema, string path)
        {
            var length = text.EnumerateRunes().Count();
            if (schema.Bound("maxLength") is { } most && length > most)
                Add(FieldErrorType.TooLong, path, null, $"may not be more than {Numbers.Print(most)} bytes");
            else if (schema.Bound("minLength") is { } least && length < least)
                Add(FieldErrorType.Invalid, path, text, $"{path} in body should be at least {Numbers.Print(least)} chars long");
            else if (schema.PatternRegex is { } pattern && !pattern.IsMatch(text))
                Add(FieldErrorType.Invalid, path, text, $"{path} in body should match '{schema.Pattern}'");
        }

        private void Number(double number, JsonNode value, JsonSchema schema, string path)
        {
            if (OutOfRange(number, schema) is { } type)
                General($"Checked value must be of type {schema.Type} with format {type} in {path}");
            if (schema.Bound("multipleOf") is { } step && Math.IEEERemainder(number, step) != 0)
                Add(FieldErrorType.Invalid, path, value, $"{path} in body should be a multiple of {Numbers.Print(step)}");
            if (schema.Bound("maximum") is { } most && (schema.Flag("exclusiveMaximum") ? number >= most : number > most))
                Add(FieldErrorType.Invalid, path, value, $"{path} in body should be less than {(schema.Flag("exclusiveMaximum") ? "" : "or equal to ")}{Numbers.Print(most)}");
            if (schema.Bound("minimum") is { } least && (schema.Flag("exclusiveMinimum") ? number <= least : number < least))
                Add(FieldErrorType.Invalid, path, value, $"{path} in body should be greater than {(schema.Flag("exclusiveMinimum") ? "" : "or equal to ")}{Numbers.Print(least)}");
        }

        /// <returns>The format that the number has no place in.</returns>
        private static string? OutOfRange(double number, JsonSchema schema) => (schema.Type, schema.Format) switch
        {
            ("integer", "int32") when number is < int.MinValue or > int.MaxValue => "int32",
            ("integer", _) when number is < long.MinValue or > long.MaxValue => "int64",
            ("number", "float") when Math.Abs(number) > float.MaxValue => "float",
            _ => null,
        };

        private void Elements(JsonArray list, JsonSchema schema, string path, JsonArray? old)
        {
            if (schema.Items is { } items)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    var before = Counterpart(list[i], schema, old);
                    Value(list[i], items, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), before, before is not null);
                }
            }
            if (schema.Bound("minItems") is { } least && list.Count < least)
                Add(FieldErrorType.Invalid, path, list.Count, $"{path} in body should have at least {Numbers.Print(least)} items");
            if (schema.Bound("maxItems") is { } most && list.Count > most) TooMany(path, list.Count, most);
        }

        /// <summary>Which element of the old list this one was.</summary>
        private static JsonObject? Counterpart(JsonNode? item, JsonSchema schema, JsonArray? old) =>
            old is null || schema.ListType != "map" || item is not JsonObject map
                ? null
                : old.OfType<JsonObject>().FirstOrDefault(other => schema.ListKeys.All(key => other[key].SameAs(map[key])));

        private void Fields(JsonObject map, JsonSchema schema, string path, JsonObject? old)
        {
            if (schema.Bound("minProperties") is { } least && map.Count < least)
                Add(FieldErrorType.Invalid, path, map.Count, $"{path} in body should have at least {Numbers.Print(least)} properties");
            if (schema.Bound("maxProperties") is { } most && map.Count > most) TooMany(path, map.Count, most);
            foreach (var (name, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                var below = path.Length == 0 ? name : $"{path}.{name}";
                if ((schema.Properties.TryGetValue(name, out var property) ? property : schema.AdditionalProperties) is not { } type) continue;
                var hadIt = old is not null && old.ContainsKey(name);
                Value(value, type, below, hadIt ? old![name] : null, hadIt);
            }
            foreach (var name in schema.Required.Where(name => !map.ContainsKey(name))) Add(FieldErrorType.Required, $"{path}.{name}", null, "");
        }

        private void TooMany(string path, int count, double most) =>
            Add(FieldErrorType.TooMany, path, count, $"must have at most {Numbers.Print(most)} {(most == 1 ? "item" : "items")}");

        private void Add(FieldErrorType type, string path, JsonNode? value, string detail) => Faults.Add(new Fault(type, path, value, detail));

        private static string NameOf(JsonNode value) => value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => Numbers.IsInteger(value) ? "integer" : "number",
            _ => "boolean",
        };
    }
}
