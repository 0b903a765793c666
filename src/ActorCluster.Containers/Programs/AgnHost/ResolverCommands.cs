namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost's commands that only print: its arguments, /etc/hosts, lines of /etc/resolv.conf.</summary>
internal static class ResolverCommands
{
    public static async Task<int> PrintArgumentsAsync(AgnHostContext agnhost)
    {
        await agnhost.Process.PrintAsync($"[{string.Join(' ', agnhost.Process.Arguments)}]\n");
        return 0;
    }

    public static async Task<int> PrintHostsAsync(AgnHostContext agnhost)
    {
        await agnhost.Process.PrintAsync(await agnhost.Process.Files.ReadTextAsync("/etc/hosts", agnhost.Process.Killed) + "\n");
        return 0;
    }

    /// <summary>The words after a keyword, separated by commas.</summary>
    public static async Task<int> PrintAsync(AgnHostContext agnhost, string keyword)
    {
        var text = await agnhost.Process.Files.ReadTextAsync("/etc/resolv.conf", agnhost.Process.Killed);
        if (text.Split('\n').FirstOrDefault(line => line.StartsWith(keyword, StringComparison.Ordinal)) is not { } found)
        {
            await agnhost.Process.PrintErrorAsync("panic: Could not find DNS search list!\n");
            return 2;
        }
        await agnhost.Process.PrintAsync(string.Join(',', found.Split(' ').Skip(1)) + "\n");
        return 0;
    }
}
