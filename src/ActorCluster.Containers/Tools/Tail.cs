using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>tail, with -f by looking again each second, as busybox does.</summary>
internal static class Tail
{
    public static readonly Tool Tool = new(
        "tail",
        "[OPTIONS] [FILE]...\n\nPrint last 10 lines of FILEs (or stdin) to.\nWith more than one FILE, precede each with a filename header.\n\n\t-c [+]N[bkm]\tPrint last N bytes\n\t-n N[bkm]\tPrint last N lines\n\t-n +N[bkm]\tStart on Nth line and print the rest\n\t-q\t\tNever print headers\n\t-v\t\tAlways print headers\n\t-f\t\tPrint data as file grows\n\t-F\t\tSame as -f, but keep retrying\n\t-s SECONDS\tWait SECONDS between reads with -f",
        RunAsync);

    private const int HeldLimit = 1_000_000;

    private static async Task<int> RunAsync(ToolContext tool)
    {
        var options = Options.Parse(TextTools.OldStyle(tool.Arguments), "n:c:fFqvs:", ("lines", 'n'), ("bytes", 'c'), ("follow", 'f'), ("quiet", 'q'));
        var bytes = options.Last("nc") == 'c';
        var value = (bytes ? options.Value('c') : options.Value('n')) ?? "10";
        var fromStart = value.StartsWith('+');
        var count = Math.Abs(ToolContext.Size(value.TrimStart('+')));
        var files = options.Operands.Count > 0 ? options.Operands : ["-"];
        var headers = options.Has('v') || (files.Count > 1 && !options.Has('q'));
        var status = 0;
        var followed = new List<(string Name, Stream? Stream)>();
        foreach (var file in files)
        {
            Stream? stream = null;
            IInputStream input;
            try
            {
                if (file == "-") input = tool.Process.Stdin;
                else
                {
                    stream = tool.Files.Open(tool.Path(file), FileOpen.Read);
                    input = ToolContext.ToInput(stream);
                }
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync(ToolContext.Describe(file, fault));
                status = 1;
                if (options.Has('F')) followed.Add((file, null));
                continue;
            }
            if (headers) await tool.Out.WriteTextAsync($"{(followed.Count > 0 ? "\n" : "")}==> {(file == "-" ? "standard input" : file)} <==\n");
            if (bytes) await BytesAsync(tool, input, count, fromStart);
            else await LinesAsync(tool, input, count, fromStart);
            followed.Add((file, stream));
        }
        if (status == 1 && followed.Count == 0) return 1;
        if (options.Has('f') || options.Has('F')) await FollowAsync(tool, followed, headers, options.Has('F'), options.Value('s') is { } s ? ToolContext.Duration(s) : TimeSpan.FromSeconds(1));
        return status;
    }

    private static async ValueTask BytesAsync(ToolContext tool, IInputStream input, long count, bool fromStart)
    {
        var all = await tool.ReadAllAsync(input);
        var start = fromStart ? Math.Max(0, count - 1) : Math.Max(0, all.Length - count);
        await tool.Out.WriteAsync(all.AsMemory((int)Math.Min(start, all.Length)));
    }

    private static async ValueTask LinesAsync(ToolContext tool, IInputStream input, long count, bool fromStart)
    {
        var lines = tool.Lines(input);
        var held = new Queue<string>();
        for (var n = 1L; await lines.ReadAsync() is { } line; n++)
        {
            var text = line + (lines.Ended ? "\n" : "");
            if (fromStart)
            {
                if (n >= count) await tool.Out.WriteAsync(text);
                continue;
            }
            held.Enqueue(text);
            if (held.Count > count) held.Dequeue();
            if (held.Count > HeldLimit) throw new ToolException("out of memory");
        }
        foreach (var text in held) await tool.Out.WriteAsync(text);
    }

    private static async ValueTask FollowAsync(ToolContext tool, List<(string Name, Stream? Stream)> files, bool headers, bool byName, TimeSpan interval)
    {
        var last = files.Count - 1;
        var buffer = new byte[8192];
        while (true)
        {
            for (var i = 0; i < files.Count; i++)
            {
                var (name, stream) = files[i];
                if (byName && tool.Find(name) is not null && (stream is null || !tool.Exists(name) || stream.CanSeek && tool.Find(name)!.Value.Length < stream.Position))
                {
                    stream = tool.Files.Open(tool.Path(name), FileOpen.Read);
                    files[i] = (name, stream);
                }
                if (stream is null) continue;
                // A file that was cut short is read from its start again.
                if (stream.CanSeek && stream.Length < stream.Position) stream.Position = 0;
                int count;
                while (stream.CanSeek && (count = await stream.ReadAsync(buffer, tool.Killed)) > 0)
                {
                    if (headers && last != i) await tool.Out.WriteTextAsync($"\n==> {name} <==\n");
                    last = i;
                    await tool.Out.WriteAsync(buffer.AsMemory(0, count));
                }
            }
            await tool.Out.FlushAsync();
            await Task.Delay(interval, tool.Clock, tool.Killed);
        }
    }
}
