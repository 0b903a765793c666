namespace ActorCluster.Host.State;

/// <summary>
/// Keeps a second control plane off a data folder: it would take the store over, and the first would serve a store that it can't write any
/// more. Held by the control plane's process for its life; the operating system lets go of it when that dies.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "in-use";
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <returns>Null if another control plane works on this folder.</returns>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written.</exception>
    public static DataFolderLock? TryTake(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        try
        {
            return new DataFolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
