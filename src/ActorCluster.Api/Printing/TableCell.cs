using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Printing;

/// <summary>A column together with what stands in it: most resources' tables are a list of these.</summary>
public sealed record TableCell(PrinterColumn Column, Func<JsonObject, DateTimeOffset, JsonNode?> Read)
{
    public static readonly TableCell Name = new(TablePrinter.NameColumn, static (obj, _) => obj.TextAt("metadata", "name"));
    public static readonly TableCell Age = new(TablePrinter.AgeColumn, static (obj, now) => TablePrinter.Age(obj, now));

    /// <param name="type">string, integer, boolean.</param>
    public TableCell(string name, string type, string description, Func<JsonObject, JsonNode?> read, int priority = 0)
        : this(new PrinterColumn(name, type, description, priority), (obj, _) => read(obj))
    {
    }

    /// <summary>A text that stands in the object at just that path; "" where it is absent.</summary>
    public static TableCell Text(string name, string description, params ImmutableArray<string> path) =>
        new(name, "string", description, obj => obj.TextAt(path.AsSpan()) ?? "");
}
