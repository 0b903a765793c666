using Microsoft.Data.Sqlite;

namespace ActorCluster.Store.Backends;

/// <summary>Says in the user's terms what SQLite's errors mean, and what to do.</summary>
internal static class SqliteErrors
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static StorageException Explain(string path, Exception cause) => new(cause switch
    {
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } =>
            $"The store's file {path} is damaged. Restore it from a backup (with its -wal file), or move it away to start with an empty cluster.",
        SqliteException { SqliteErrorCode: Busy or Locked } =>
            $"The store's file {path} is locked by another process. End that process, or choose another folder for the cluster's data.",
        SqliteException { SqliteErrorCode: Full } =>
            $"No space is left for the store's file {path}. Free some space on that disk; writes work again as soon as there is.",
        SqliteException { SqliteErrorCode: ReadOnly or CannotOpen } or UnauthorizedAccessException =>
            $"The store's file {path} can't be written. Check the rights of the file and its folder, or choose another folder for the cluster's data.",
        SqliteException { SqliteErrorCode: IoError } or IOException =>
            $"The disk failed on the store's file {path}: {cause.Message} Check the disk, or choose another folder for the cluster's data.",
        SqliteException =>
            $"SQLite failed on the store's file {path}: {cause.Message}",
        _ =>
            $"The store's file {path} has damaged rows ({cause.Message}) Restore it from a backup, or move it away to start with an empty cluster.",
    }, cause);
}
