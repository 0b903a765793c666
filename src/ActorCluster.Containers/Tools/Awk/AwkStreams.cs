using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools.Awk;

/// <summary>The files and commands that a program prints to and reads from, by the text it calls them.</summary>
internal sealed class AwkStreams(ToolContext tool)
{
    private readonly Dictionary<string, (ToolOutput Output, IProcess? Process, ISharedStream? Pipe)> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (LineReader Lines, IProcess? Process, ISharedStream? Pipe)> _inputs = new(StringComparer.Ordinal);

    public async ValueTask<ToolOutput> OutputAsync(string name, string kind)
    {
        if (kind != "|" && name is "/dev/stdout" or "-") return tool.Out;
        if (_outputs.TryGetValue(name, out var open)) return open.Output;
        if (kind == "|")
        {
            var pipe = new Pipe();
            var process = await StartAsync(name, pipe.Reader, null);
            ((ISharedStream)pipe.Reader).Release();
            _outputs[name] = (new ToolOutput(pipe.Writer, tool.Killed), process, (ISharedStream)pipe.Writer);
        }
        else if (name == "/dev/stderr")
        {
            _outputs[name] = (new ToolOutput(tool.Process.Stderr, tool.Killed), null, null);
        }
        else
        {
            try
            {
                var stream = tool.Files.Open(tool.Path(Shell.ByteText.ToText(name)), kind == ">>" ? FileOpen.Append : FileOpen.Write);
                _outputs[name] = (new ToolOutput(stream is StandardStream { Output: { } output } ? output : new FileOutput(stream), tool.Killed), null, null);
            }
            catch (FileFaultException fault)
            {
                throw new ToolException($"can't redirect to '{name}': {fault.Message}", 2);
            }
        }
        return _outputs[name].Output;
    }

    /// <returns>Null if the file can't be opened.</returns>
    public async ValueTask<LineReader?> InputAsync(string name, bool command)
    {
        if (_inputs.TryGetValue(name, out var open)) return open.Lines;
        if (command)
        {
            var pipe = new Pipe();
            await FlushAsync();
            var process = await StartAsync(name, tool.Process.Stdin, pipe.Writer);
            ((ISharedStream)pipe.Writer).Release();
            _inputs[name] = (tool.Lines(pipe.Reader), process, (ISharedStream)pipe.Reader);
        }
        else
        {
            try
            {
                _inputs[name] = (tool.Lines(tool.Open(Shell.ByteText.ToText(name))), null, null);
            }
            catch (FileFaultException)
            {
                return null;
            }
        }
        return _inputs[name].Lines;
    }

    public async ValueTask<int> SystemAsync(string command)
    {
        await FlushAsync();
        return await (await StartAsync(command, tool.Process.Stdin, null)).Exit.WaitAsync(tool.Killed);
    }

    public async ValueTask FlushAsync()
    {
        await tool.Out.FlushAsync();
        foreach (var (output, _, _) in _outputs.Values) await output.FlushAsync();
    }

    /// <returns>The command's exit code, 0 for a file, -1 if nothing of that name is open.</returns>
    public async ValueTask<int> CloseAsync(string name)
    {
        var status = -1;
        if (_outputs.Remove(name, out var output))
        {
            status = 0;
            try
            {
                await output.Output.FlushAsync();
            }
            catch (BrokenPipeException)
            {
                status = 1; // The command didn't want to read it all.
            }
            output.Pipe?.Release();
            if (output.Process is not null) status = await output.Process.Exit.WaitAsync(tool.Killed);
        }
        if (_inputs.Remove(name, out var input))
        {
            status = 0;
            input.Pipe?.Release();
            if (input.Process is not null) status = await input.Process.Exit.WaitAsync(tool.Killed);
        }
        return status;
    }

    public async ValueTask CloseAllAsync()
    {
        await tool.Out.FlushAsync();
        foreach (var name in _outputs.Keys.Concat(_inputs.Keys).Order(StringComparer.Ordinal).ToArray()) await CloseAsync(name);
    }

    private async ValueTask<IProcess> StartAsync(string command, IInputStream input, IOutputStream? output)
    {
        await tool.Out.FlushAsync();
        return tool.Process.Processes.Start(new(
            ["sh", "-c", Shell.ByteText.ToText(command)], tool.Process.Environment, tool.Process.WorkingDirectory, input, output ?? tool.Process.Stdout, tool.Process.Stderr, tool.Process.Terminal));
    }
}
