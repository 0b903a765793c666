namespace ActorCluster.Nodes.Volumes;

/// <summary>How much may still be written to the real disk: volumes leave some of it to everybody else. Safe for concurrent use.</summary>
internal sealed class RealSpace(string folder)
{
    /// <summary>Bytes of the real disk that are left alone.</summary>
    private const long Reserve = 256L << 20;

    /// <summary>After so many bytes the disk is asked again.</summary>
    private const long Period = 16L << 20;

    private const int DiskFull = 28; // ENOSPC of Linux and macOS
    private const int QuotaOnLinux = 122;
    private const int QuotaOnMac = 69;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    private long _unasked = Period;

    public static bool IsExhausted(IOException fault) => fault.HResult is DiskFull or QuotaOnLinux or QuotaOnMac or DiskFullOnWindows;

    /// <summary>Whether so many bytes more may be written.</summary>
    /// <exception cref="IOException">The disk doesn't answer.</exception>
    public bool Has(long bytes)
    {
        if (Interlocked.Add(ref _unasked, bytes) < Period) return true;
        if (new DriveInfo(folder).AvailableFreeSpace - bytes < Reserve) return false;
        Interlocked.Exchange(ref _unasked, 0);
        return true;
    }
}
