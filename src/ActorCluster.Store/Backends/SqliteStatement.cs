using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActorCluster.Store.Backends;

/// <summary>
/// A prepared statement that is run again and again, by SQLite's own functions: the provider's command looks each parameter up by its name, makes an object of each value
/// and a reader for each run, which takes longer than SQLite does for a row.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[256];

    /// <param name="sql">One statement, whose parameters have numbers.</param>
    /// <exception cref="SqliteException">It can't be prepared.</exception>
    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database, sql, out _statement));
    }

    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, string value)
    {
        if (value.Length == 0)
        {
            // No bytes at all would be no text, but null.
            Check(raw.sqlite3_bind_text(_statement, parameter, ""));
            return;
        }
        if (_text.Length < Encoding.UTF8.GetMaxByteCount(value.Length)) _text = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        Check(raw.sqlite3_bind_text(_statement, parameter, _text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text))));
    }

    public void Bind(int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, parameter, value));

    public void BindNull(int parameter) => Check(raw.sqlite3_bind_null(_statement, parameter));

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run() => Step();

    /// <summary>Runs it to its first row, and gives that row's first value.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public long Number() => Step();

    public void Dispose() => _statement.Dispose();

    private long Step()
    {
        var result = raw.sqlite3_step(_statement);
        var number = result == raw.SQLITE_ROW ? raw.sqlite3_column_int64(_statement, 0) : 0;
        // Gives the failure of the step once more, if there was one.
        Check(raw.sqlite3_reset(_statement));
        return number;
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
