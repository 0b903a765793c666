using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace ActorCluster.Benchmarks.Api;

/// <summary>The yardstick: the recorded transactions, written by nothing but SQLite with the same durability.</summary>
internal static class BareSqlite
{
    /// <returns>Rows a second.</returns>
    public static double Replay(string file, IReadOnlyList<ReadOnlyMemory<byte>[]> batches, TimeSpan duration)
    {
        File.Delete(file);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE versions (revision INTEGER PRIMARY KEY, name TEXT, json BLOB)");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO versions (name, json) VALUES ($name, $json)";
        var (name, json) = (insert.Parameters.Add("$name", SqliteType.Text), insert.Parameters.Add("$json", SqliteType.Blob));
        var contents = batches.Select(batch => Array.ConvertAll(batch, json => json.ToArray())).ToArray();
        var (rows, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            foreach (var batch in contents)
            {
                using var transaction = connection.BeginTransaction();
                insert.Transaction = transaction;
                foreach (var content in batch)
                {
                    (name.Value, json.Value) = ($"row-{rows++}", content);
                    insert.ExecuteNonQuery();
                }
                transaction.Commit();
                if (clock.Elapsed >= duration) break;
            }
        }
        return rows / clock.Elapsed.TotalSeconds;
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
