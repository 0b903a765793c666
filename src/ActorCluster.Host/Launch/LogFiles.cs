using System.Text;

namespace ActorCluster.Host.Launch;

/// <summary>The log files of processes: one for each life, the newest without a number.</summary>
public static class LogFiles
{
    private const int KeptLives = 5;

    /// <summary>Makes room for a new life's log: worker-1.log becomes worker-1.1.log, that worker-1.2.log, and so on; the oldest goes.</summary>
    public static void Roll(string log)
    {
        if (!File.Exists(log)) return;
        for (var life = KeptLives - 1; life >= 1; life--)
            if (File.Exists(Numbered(log, life)))
                File.Move(Numbered(log, life), Numbered(log, life + 1), overwrite: true);
        File.Move(log, Numbered(log, 1), overwrite: true);
    }

    /// <summary>The last lines, from a file that may be being written.</summary>
    public static string Tail(string log, int lines)
    {
        if (!File.Exists(log)) return "";
        const int most = 64 * 1024;
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > most) stream.Seek(-most, SeekOrigin.End);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return string.Join(Environment.NewLine, reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(lines));
    }

    private static string Numbered(string log, int life) => Path.ChangeExtension(log, $".{life}.log");
}
