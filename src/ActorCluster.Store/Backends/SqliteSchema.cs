using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ActorCluster.Store.Backends;

/// <summary>The tables of a store file, and how to tell such a file from others.</summary>
internal static class SqliteSchema
{
    /// <summary>"ACst": what `file` and SQLite's own tools show as the application id.</summary>
    private const int ApplicationId = 0x41437374;

    /// <summary>Raise it with every change of the tables, and add the step from the version before.</summary>
    private const int Version = 1;

    public static void Prepare(SqliteConnection connection, string path)
    {
        var application = Number(connection, "PRAGMA application_id");
        var version = Number(connection, "PRAGMA user_version");
        var tables = Number(connection, "SELECT count(*) FROM sqlite_master");
        if (application != ApplicationId && tables > 0)
            throw new StorageException($"{path} is a database of another program. Choose another file or folder for the cluster's data.");
        if (version > Version)
        {
            throw new StorageException($"{path} was written by a newer ActorCluster (schema {version}; this one knows {Version}). "
                + "Use that version, or choose another folder for the cluster's data.");
        }

        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA busy_timeout = 5000");
        if (version == Version) return;
        Execute(connection, $"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS versions (
                revision INTEGER PRIMARY KEY,
                previous INTEGER NOT NULL,
                resource TEXT NOT NULL,
                namespace TEXT NOT NULL,
                name TEXT NOT NULL,
                header BLOB,
                json BLOB
            ) STRICT;
            CREATE TABLE IF NOT EXISTS writer (epoch INTEGER NOT NULL, compacted INTEGER NOT NULL) STRICT;
            INSERT INTO writer SELECT 0, 0 WHERE NOT EXISTS (SELECT * FROM writer);
            PRAGMA application_id = {ApplicationId};
            PRAGMA user_version = {Version};
            COMMIT;
            """);
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
