using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Printing;

/// <summary>A column of the Table that `kubectl get` shows.</summary>
/// <param name="Priority">0: always shown; 1: with -o wide.</param>
/// <param name="Format">"name" marks the column that holds the object's name.</param>
public sealed record PrinterColumn(string Name, string Type, string Description, int Priority = 0, string Format = "");

/// <summary>The cells of one object, in the order of the columns: strings, numbers, booleans.</summary>
public delegate IEnumerable<JsonNode?> CellPrinter(JsonObject obj, DateTimeOffset now);

/// <summary>Turns objects of one resource into table rows (pkg/printers/internalversion/printers.go).</summary>
public sealed record TablePrinter(ImmutableArray<PrinterColumn> Columns, CellPrinter Cells)
{
    private const string NameDescription = "Name must be unique within a namespace. Is required when creating resources.";
    private const string AgeDescription = "The time at which the server created the object.";

    public static readonly PrinterColumn NameColumn = new("Name", "string", NameDescription, Format: "name");
    public static readonly PrinterColumn AgeColumn = new("Age", "string", AgeDescription);

    /// <summary>Name and creation time, for resources that have no columns of their own.</summary>
    public static readonly TablePrinter Default = new(
        [NameColumn, new PrinterColumn("Created At", "date", AgeDescription)],
        (obj, _) => [obj.TextAt("metadata", "name"), obj.TextAt("metadata", "creationTimestamp")]);

    /// <summary>A table of the object's name and these columns.</summary>
    public static TablePrinter Of(params ImmutableArray<TableCell> cells)
    {
        cells = cells.Insert(0, TableCell.Name);
        return new TablePrinter([.. cells.Select(cell => cell.Column)], (obj, now) => cells.Select(cell => cell.Read(obj, now)));
    }

    /// <summary>The cell of <see cref="AgeColumn"/>.</summary>
    public static string Age(JsonObject obj, DateTimeOffset now) => HumanDuration.Since(obj.TextAt("metadata", "creationTimestamp"), now);
}
