using System.Runtime.Serialization;
using ActorCluster.Api;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActorCluster.Store.Backends;

/// <summary>An open store file, with its statements prepared. For one thread.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _epoch;
    private readonly SqliteStatement _insert;
    private readonly SqliteCommand _read;
    private readonly Dictionary<ResourceName, string> _resourceTexts = [];

    private SqliteFile(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
        _begin = Statement("BEGIN IMMEDIATE");
        _commit = Statement("COMMIT");
        _rollback = Statement("ROLLBACK");
        _epoch = Statement("SELECT epoch FROM writer");
        _insert = Statement("INSERT INTO versions (revision, previous, resource, namespace, name, header, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _read = Prepared("SELECT revision, previous, resource, namespace, name, header, json FROM versions WHERE revision > $1 ORDER BY revision LIMIT $2", 2);
    }

    /// <summary>Secrets are in it: for its owner alone. SQLite gives the files beside it the same mode.</summary>
    private static void MakePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var _ = new FileStream(path, options);
    }

    /// <exception cref="StorageException">It can't be opened or is none of ours; the message says what to do.</exception>
    public static SqliteFile Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            MakePrivate(path);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            SqliteSchema.Prepare(connection, path);
            return new SqliteFile(connection, path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw SqliteErrors.Explain(path, e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    public StorageHead TakeOver() => InTransaction(() =>
    {
        Execute("UPDATE writer SET epoch = epoch + 1");
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT epoch, compacted, (SELECT max(revision) FROM versions), page_count * page_size FROM writer, pragma_page_count, pragma_page_size";
        using var row = command.ExecuteReader();
        row.Read();
        var compacted = row.GetInt64(1);
        return new StorageHead(row.GetInt64(0), Math.Max(compacted, row.IsDBNull(2) ? 0 : row.GetInt64(2)), compacted) { Bytes = row.GetInt64(3) };
    });

    /// <param name="page">Is filled with the rows, instead of what was in it.</param>
    public void ReadAfter(long revision, int limit, SqlitePage page) => Explained(() =>
    {
        page.Clear();
        _read.Parameters[0].Value = revision;
        _read.Parameters[1].Value = limit;
        using var rows = _read.ExecuteReader();
        while (rows.Read()) page.Add(Read(rows.Handle!, page));
        return true;
    });

    public void Append(long epoch, IReadOnlyList<StoredVersion> versions) => InTransaction(() =>
    {
        CheckEpoch(epoch);
        foreach (var version in versions) Insert(version);
        return true;
    });

    /// <summary>Looks at the versions since the last compaction only: each names the one it replaced.</summary>
    public void Compact(long epoch, long revision) => InTransaction(() =>
    {
        CheckEpoch(epoch);
        Execute($"""
            DELETE FROM versions WHERE revision IN
                (SELECT previous FROM versions WHERE revision > (SELECT compacted FROM writer) AND revision <= {revision})
            """);
        Execute($"DELETE FROM versions WHERE revision > (SELECT compacted FROM writer) AND revision <= {revision} AND json IS NULL");
        Execute($"UPDATE writer SET compacted = max(compacted, {revision})");
        return true;
    });

    public void Dispose()
    {
        foreach (var prepared in (IDisposable[])[_begin, _commit, _rollback, _epoch, _insert, _read]) prepared.Dispose();
        _connection.Dispose();
    }

    private void Insert(StoredVersion version)
    {
        _insert.Bind(1, version.Revision);
        _insert.Bind(2, version.PreviousRevision);
        _insert.Bind(3, TextOf(version.Key.Resource));
        _insert.Bind(4, version.Key.Namespace);
        _insert.Bind(5, version.Key.Name);
        if (version.Object is { } stored)
        {
            _insert.Bind(6, HeaderCodec.Write(stored.Header));
            _insert.Bind(7, stored.Json.Span);
        }
        else
        {
            _insert.BindNull(6);
            _insert.BindNull(7);
        }
        _insert.Run();
    }

    /// <summary>By SQLite's own functions: the reader's check each value's type and make objects of all that is then only copied. Texts are UTF-8 in the file.</summary>
    private static SqliteRow Read(sqlite3_stmt row, SqlitePage page)
    {
        var start = page.End;
        var resource = page.Copy(raw.sqlite3_column_blob(row, 2));
        var @namespace = page.Copy(raw.sqlite3_column_blob(row, 3));
        var name = page.Copy(raw.sqlite3_column_blob(row, 4));
        var header = page.Copy(raw.sqlite3_column_blob(row, 5));
        return new SqliteRow(raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_int64(row, 1), start, resource, @namespace, name, header, JsonOf(row));
    }

    /// <summary>Without clearing the memory first, as the reader's own way does.</summary>
    private static byte[]? JsonOf(sqlite3_stmt row)
    {
        const int column = 6;
        if (raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL) return null;
        var blob = raw.sqlite3_column_blob(row, column);
        var bytes = GC.AllocateUninitializedArray<byte>(blob.Length);
        blob.CopyTo(bytes);
        return bytes;
    }

    private void CheckEpoch(long epoch)
    {
        var current = _epoch.Number();
        if (current != epoch) throw new WriterReplacedException(epoch, current);
    }

    private T InTransaction<T>(Func<T> work) => Explained(() =>
    {
        _begin.Run();
        try
        {
            var result = work();
            _commit.Run();
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    });

    private void RollBack()
    {
        // SQLite rolls back by itself on some errors (a full disk); there is nothing left to roll back then.
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0) _rollback.Run();
    }

    private T Explained<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is SqliteException or SerializationException or InvalidCastException)
        {
            throw SqliteErrors.Explain(_path, e);
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteStatement Statement(string sql) => new(_connection.Handle!, sql);

    private SqliteCommand Prepared(string sql, int parameters = 0)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        return command;
    }

    private string TextOf(ResourceName resource) =>
        _resourceTexts.TryGetValue(resource, out var text) ? text : _resourceTexts[resource] = resource.ToString();
}
