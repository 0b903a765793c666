namespace ActorCluster.Store.Backends;

/// <summary>Rows that were read together. It can be filled again: what stays of a row is made of its bytes before that.</summary>
internal sealed class SqlitePage
{
    private readonly List<SqliteRow> _rows = [];
    private byte[] _bytes = new byte[4096];
    private int _length;

    public IReadOnlyList<SqliteRow> Rows => _rows;

    public void Clear()
    {
        _rows.Clear();
        _length = 0;
    }

    /// <summary>Copies what a column holds behind what was copied before.</summary>
    /// <returns>Its length in bytes.</returns>
    public int Copy(ReadOnlySpan<byte> column)
    {
        if (_bytes.Length - _length < column.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + column.Length));
        column.CopyTo(_bytes.AsSpan(_length));
        _length += column.Length;
        return column.Length;
    }

    /// <summary>Where the next copy goes.</summary>
    public int End => _length;

    public void Add(SqliteRow row) => _rows.Add(row);

    public ReadOnlySpan<byte> ResourceOf(in SqliteRow row) => _bytes.AsSpan(row.Start, row.Resource);

    public ReadOnlySpan<byte> NamespaceOf(in SqliteRow row) => _bytes.AsSpan(row.Start + row.Resource, row.Namespace);

    public ReadOnlySpan<byte> NameOf(in SqliteRow row) => _bytes.AsSpan(row.Start + row.Resource + row.Namespace, row.Name);

    public ReadOnlyMemory<byte> HeaderOf(in SqliteRow row) => _bytes.AsMemory(row.Start + row.Resource + row.Namespace + row.Name, row.Header);
}
