namespace ActorCluster.Host.State;

/// <summary>
/// Lets one command at a time change a cluster. The operating system lets go of it when its holder dies, so that a killed `up` blocks nobody.
/// </summary>
internal sealed class ClusterLock : IDisposable
{
    private readonly FileStream _file;

    private ClusterLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, making the cluster's folder if need be.</summary>
    /// <returns>Null if another command holds it.</returns>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written.</exception>
    public static ClusterLock? TryTake(ClusterFolder folder)
    {
        while (true)
        {
            folder.Create();
            try
            {
                return TryOpen(folder, FileMode.OpenOrCreate);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // A `down` removed the folder after we made it.
            }
        }
    }

    /// <summary>Takes the lock of a cluster that was there, and makes nothing anew: that would be in the way of a `down` that removes it.</summary>
    /// <returns>Null if another command holds it.</returns>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="DirectoryNotFoundException">Likewise.</exception>
    public static ClusterLock? TryTakeExisting(ClusterFolder folder) => TryOpen(folder, FileMode.Open);

    private static ClusterLock? TryOpen(ClusterFolder folder, FileMode mode)
    {
        FileStream file;
        try
        {
            file = new FileStream(folder.LockFile, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException) && (mode == FileMode.Open || File.Exists(folder.LockFile)))
        {
            return null;
        }

        if (IsStillInPlace(folder.LockFile)) return new ClusterLock(file);
        file.Dispose();
        throw new FileNotFoundException("A `down` removed the folder between our opening and locking.", folder.LockFile);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The path leads to the file that we hold: then it can't be opened again.</summary>
    private static bool IsStillInPlace(string path)
    {
        try
        {
            using var second = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
