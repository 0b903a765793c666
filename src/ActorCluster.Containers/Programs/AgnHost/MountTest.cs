using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost mounttest: makes files, and tells what a volume's files are like: file system, mode, owner, content.</summary>
internal static class MountTest
{
    private const string Written = "mount-tester new file\n";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>In the order in which they are done: a file that was asked for is there when its mode is looked at.</summary>
    private static readonly (string Flag, Func<AgnHostContext, string, Task<bool>> RunAsync)[] Steps =
    [
        ("fs_type", TellFileSystemAsync),
        ("new_file_0644", (agnhost, path) => WriteAsync(agnhost, path, 0b110_100_100)),
        ("new_file_0666", (agnhost, path) => WriteAsync(agnhost, path, 0b110_110_110)),
        ("new_file_0660", (agnhost, path) => WriteAsync(agnhost, path, 0b110_110_000)),
        ("new_file_0777", (agnhost, path) => WriteAsync(agnhost, path, 0b111_111_111)),
        ("file_mode", (agnhost, path) => TellStatusAsync(agnhost, path, "Stat", status => $"mode of file {GoText.Quote(path)}: {GoText.Mode(status)}\n")),
        ("file_perm", (agnhost, path) => TellStatusAsync(agnhost, path, "Stat", status => $"perms of file {GoText.Quote(path)}: {GoText.Mode(new FileStatus { Permissions = status.Permissions & 0b111_111_111 })}\n")),
        ("file_owner", (agnhost, path) => TellStatusAsync(agnhost, path, "stat", status => string.Create(CultureInfo.InvariantCulture, $"owner UID of {GoText.Quote(path)}: {status.UserId}\nowner GID of {GoText.Quote(path)}: {status.GroupId}\n"))),
        ("file_content", TellContentAsync),
        ("file_content_in_loop", TellContentAgainAsync),
    ];

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        .. Steps.Select(step => new GoFlag(step.Flag, GoFlagKind.Text, "")),
        new("retry_time", GoFlagKind.Integer, "180"),
        new("break_on_expected_content", GoFlagKind.Boolean, "true"),
    ];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var isGood = true;
        foreach (var (flag, runAsync) in Steps)
        {
            if (agnhost.Flags.Text(flag) is { Length: > 0 } path) isGood &= await runAsync(agnhost, path);
        }
        return isGood ? 0 : 1;
    }

    private static Task<bool> TellFileSystemAsync(AgnHostContext agnhost, string path) => TryAsync(
        agnhost,
        async () => await agnhost.Process.PrintAsync($"mount type of {GoText.Quote(path)}: {agnhost.Process.Files.FileSystemOf(agnhost.Process.FullPath(path)) switch
        {
            // Linux's magic numbers (include/uapi/linux/magic.h); upstream knows only one of them by name.
            "overlay" => "2035054128",
            "ext4" => "61267",
            "proc" => "40864",
            var kind => kind,
        }}\n"),
        fault => $"error from statfs({GoText.Quote(path)}): {fault.Message.ToLowerInvariant()}\n");

    private static Task<bool> TellStatusAsync(AgnHostContext agnhost, string path, string call, Func<FileStatus, string> describe) => TryAsync(
        agnhost,
        async () => await agnhost.Process.PrintAsync(describe(agnhost.Process.Files.Stat(agnhost.Process.FullPath(path)))),
        fault => $"error from {call}({GoText.Quote(path)}): {(call == "Stat" ? GoText.PathError("stat", path, fault) : fault.Message.ToLowerInvariant())}\n");

    private static async Task<bool> WriteAsync(AgnHostContext agnhost, string path, int permissions) =>
        await TryAsync(agnhost, () => Write(agnhost, path, permissions), fault => $"error writing new file {GoText.Quote(path)}: {GoText.PathError("open", path, fault)}\n")
        && await TellContentAsync(agnhost, path);

    /// <summary>Whatever the umask is: upstream clears it.</summary>
    private static Task Write(AgnHostContext agnhost, string path, int permissions)
    {
        var (files, full) = (agnhost.Process.Files, agnhost.Process.FullPath(path));
        var isNew = !files.Exists(full);
        using var stream = files.Open(full, FileOpen.Write, permissions);
        stream.Write(Encoding.UTF8.GetBytes(Written));
        if (isNew) files.SetPermissions(full, permissions);
        return Task.CompletedTask;
    }

    private static Task<bool> TellContentAsync(AgnHostContext agnhost, string path) => TryAsync(
        agnhost,
        async () => await agnhost.Process.PrintAsync($"content of file {GoText.Quote(path)}: {await ReadAsync(agnhost, path)}\n"),
        fault => $"error reading file content for {GoText.Quote(path)}: {GoText.PathError("open", path, fault)}\n");

    private static async Task<bool> TellContentAgainAsync(AgnHostContext agnhost, string path)
    {
        var (clock, isGood) = (agnhost.Process.Clock, true);
        var (started, time) = (clock.GetTimestamp(), TimeSpan.FromSeconds(agnhost.Flags.Number("retry_time")));
        for (; clock.GetElapsedTime(started) < time; await Task.Delay(Interval, clock, agnhost.Process.Killed))
        {
            string content;
            try
            {
                content = await ReadAsync(agnhost, path);
                isGood = true;
            }
            catch (FileFaultException fault)
            {
                isGood = false;
                await agnhost.Process.PrintAsync($"Error reading file {path}: {GoText.PathError("open", path, fault)}, retrying\n");
                continue;
            }
            await agnhost.Process.PrintAsync($"content of file {GoText.Quote(path)}: {content}\n");
            if (!agnhost.Flags.IsOn("break_on_expected_content")) continue;
            if (content == Written) break;
            await agnhost.Process.PrintAsync($"Unexpected content. Expected: {Written}. Retrying\n");
        }
        return isGood;
    }

    private static async Task<string> ReadAsync(AgnHostContext agnhost, string path)
    {
        using var reader = new StreamReader(agnhost.Process.Files.Open(agnhost.Process.FullPath(path), FileOpen.Read), new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false);
        return await reader.ReadToEndAsync(agnhost.Process.Killed);
    }

    private static async Task<bool> TryAsync(AgnHostContext agnhost, Func<Task> action, Func<FileFaultException, string> describe)
    {
        try
        {
            await action();
            return true;
        }
        catch (FileFaultException fault)
        {
            await agnhost.Process.PrintAsync(describe(fault));
            return false;
        }
    }
}
