using System.Runtime.CompilerServices;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.Backends;

/// <summary>
/// Keeps everything in one SQLite file: one table of versions, appended to in revision order, as kine does it; the newest version of each
/// object is its current state, so that each write stores its JSON once.
/// </summary>
/// <remarks>
/// WAL with synchronous=FULL: a commit returns when the log has reached the disk, so that what was acknowledged survives kill -9 and a power
/// failure alike; NORMAL would lose the last transactions to the latter. Group commit makes up for the cost: one sync for all that waited.
/// </remarks>
public sealed class SqliteBackend : IStorageBackend
{
    private const int ReadPage = 1_000;

    private readonly SerialThread _thread = new("store-sqlite");
    private readonly string _path;
    private SqliteFile? _file;

    /// <param name="path">The file, which is made if it isn't there, and its folder with it. SQLite keeps two more beside it, named -wal and -shm.</param>
    public SqliteBackend(string path) => _path = Path.GetFullPath(path);

    /// <inheritdoc/>
    public Task<StorageHead> TakeOverAsync(CancellationToken cancellationToken) => _thread.RunAsync(() =>
    {
        _file ??= SqliteFile.Open(_path);
        return _file.TakeOver();
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredVersion> ReadAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Page by page: no reader stays open over writes, and memory holds no more than two pages. The next one is read while the loader works on this.
        var (page, spare) = (new SqlitePage(), new SqlitePage());
        var next = ReadPageAsync(page, afterRevision);
        var decoder = new RowDecoder(_path);
        while (true)
        {
            await next;
            var isLast = page.Rows.Count < ReadPage;
            if (!isLast) next = ReadPageAsync(spare, page.Rows[^1].Revision);
            for (var i = 0; i < page.Rows.Count; i++) yield return decoder.Decode(page, page.Rows[i]);
            if (isLast) yield break;
            (page, spare) = (spare, page);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Task<bool> ReadPageAsync(SqlitePage page, long afterRevision) => _thread.RunAsync(() =>
    {
        File.ReadAfter(afterRevision, ReadPage, page);
        return true;
    });

    /// <inheritdoc/>
    /// <remarks>The writer goes on where SQLite is, and finds what has come in meanwhile: a hop for each transaction would wait behind the requests that the last one answered.</remarks>
    public Task CommitAsync(long epoch, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken) => _thread.RunAndStayAsync(() =>
    {
        File.Append(epoch, versions);
        return true;
    });

    /// <inheritdoc/>
    public Task CompactAsync(long epoch, long revision, CancellationToken cancellationToken) => _thread.RunAndStayAsync(() =>
    {
        File.Compact(epoch, revision);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _thread.DisposeAsync();
        _file?.Dispose();
    }

    private SqliteFile File => _file ?? throw new StoreUnavailableException("The backend has not been taken over yet.");
}
