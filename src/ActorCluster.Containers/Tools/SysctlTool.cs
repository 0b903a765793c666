using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>sysctl: shows what is below /proc/sys.</summary>
internal static class SysctlTool
{
    private const string Root = "/proc/sys";

    public static Tool Tool { get; } = new(
        "sysctl", "[-enq] [-a] [KEY[=VALUE]]...\n\nShow/set kernel parameters\n\n\t-e\tDon't warn about unknown keys\n\t-n\tDon't show key names\n\t-q\tQuiet\n\t-a\tShow all values", RunAsync);

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("+neAapwq");
        var keys = options.Has('a') || options.Has('A') ? All(tool, Root).ToList() : options.Operands;
        if (keys.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var key in keys)
        {
            var name = key.Split('=')[0];
            // Either may stand between the parts, and the one that comes first does.
            var path = name.IndexOfAny(['.', '/']) is >= 0 and var at && name[at] == '/' ? name : name.Replace('.', '/');
            try
            {
                using var reader = new StreamReader(tool.Files.Open($"{Root}/{path}", key == name ? FileOpen.Read : FileOpen.Write));
                var value = (await reader.ReadToEndAsync(tool.Killed)).TrimEnd('\n');
                await tool.Out.WriteTextAsync(options.Has('n') ? value + "\n" : $"{path.Replace('/', '.')} = {value}\n");
            }
            catch (FileFaultException fault) when (fault.Fault == FileFault.NotFound)
            {
                if (options.Has('e')) continue;
                await tool.WarnAsync($"error: '{name}' is an unknown key");
                status = 1;
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"error {(key == name ? "reading" : "setting")} key '{name}': {fault.Message}");
                status = 1;
            }
        }

        return status;
    }

    private static IEnumerable<string> All(ToolContext tool, string folder)
    {
        foreach (var entry in tool.Files.List(folder))
        {
            var path = $"{folder}/{entry}";
            if (tool.Files.Stat(path, followLinks: false).Kind == FileKind.Directory)
            {
                foreach (var inner in All(tool, path)) yield return inner;
            }
            else
            {
                yield return path[(Root.Length + 1)..];
            }
        }
    }
}
