using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;

namespace ActorCluster.Api.CustomResources;

/// <summary>The table of a custom resource by its additionalPrinterColumns (apiextensions-apiserver/pkg/registry/customresource/tableconvertor).</summary>
internal static class CustomColumns
{
    private static readonly TableCell Age = new(new PrinterColumn("Age", "date", ""), static (obj, now) => TablePrinter.Age(obj, now));

    /// <summary>Without columns of its own: the object's age.</summary>
    public static TablePrinter PrinterOf(JsonObject version)
    {
        ImmutableArray<TableCell> cells = [.. version.GetObjects("additionalPrinterColumns").Select(CellOf)];
        return TablePrinter.Of(cells.IsEmpty ? [Age] : cells);
    }

    private static TableCell CellOf(JsonObject column)
    {
        var type = column.GetString("type") ?? "";
        var definition = new PrinterColumn(
            column.GetString("name") ?? "", type, column.GetString("description") ?? "", (int)(column.GetInteger("priority") ?? 0), column.GetString("format") ?? "");
        var path = JsonPath.Parse(column.GetString("jsonPath") ?? "");
        return new TableCell(definition, (obj, now) => path.Find(obj) is [var value, ..] ? Cell(type, value, now) : null);
    }

    private static JsonNode? Cell(string type, JsonNode? value, DateTimeOffset now) => type switch
    {
        "string" => Text(value),
        "integer" when Numbers.AsDouble(value) is { } number => (long)number,
        "number" when Numbers.AsDouble(value) is { } number => number,
        "boolean" when value is JsonValue flag && flag.TryGetValue(out bool isOn) => isOn,
        "date" when JsonDocuments.AsString(value) is { } time => ObjectMetadata.ParseTime(time) is null ? "<invalid>" : HumanDuration.Since(time, now),
        _ => null,
    };

    /// <summary>As kubectl's jsonpath prints a value.</summary>
    private static string Text(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonValue when Numbers.AsDouble(value) is { } number => number.ToString(CultureInfo.InvariantCulture),
        _ => JsonDocuments.AsString(value) ?? value.ToJsonString(JsonDocuments.CompactJson),
    };
}
