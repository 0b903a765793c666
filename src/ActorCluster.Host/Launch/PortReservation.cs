namespace ActorCluster.Host.Launch;

/// <summary>
/// A port that this process chose for another that is yet to listen on it. Other processes of this user that choose ports at the same time, for clusters with other homes, leave it alone until
/// this one has ended.
/// </summary>
/// <remarks>A file that is locked while it is open; killed or not, whoever held it lets go of it.</remarks>
internal static class PortReservation
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"actorcluster-ports-{Environment.UserName}");

    /// <summary>Open until the process ends.</summary>
    private static readonly List<FileStream> Held = [];

    private static readonly Lock Holding = new();

    static PortReservation() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => LetGo();

    /// <returns>False: another process has reserved it, or this one has.</returns>
    public static bool TryTake(int port)
    {
        var path = Path.Combine(Folder, $"{port}");
        try
        {
            Directory.CreateDirectory(Folder);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            lock (Holding) Held.Add(file);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // there is nowhere to say so, and others that choose a port at this moment are rare
        }
    }

    private static void LetGo()
    {
        lock (Holding)
        {
            if (Held.Count == 0) return;
            foreach (var file in Held) file.Dispose();
            Held.Clear();
        }

        try
        {
            Directory.Delete(Folder);
        }
        catch (IOException)
        {
            // Another process has a port reserved there: the last one removes it.
        }
    }
}
