namespace ActorCluster.Containers.Runtime;

/// <summary>
/// A pseudo-terminal's line discipline (termios(3)): edits and echoes lines, turns ^C into SIGINT for the foreground group, ^D into the end of
/// input, CR into LF on the way in and LF into CR LF on the way out.
/// </summary>
/// <param name="signalGroup">Signals a process group: (group, signal).</param>
#pragma warning disable CA1001 // The semaphore's wait handle is never asked for: there is nothing to dispose of.
internal sealed class TerminalDevice(Terminal terminal, IInputStream keys, IOutputStream screen, Action<int, int> signalGroup)
{
    private const int LineLimit = 4096;
    private const int QueueLimit = 65536;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _screenFree = new(1);
    private readonly List<byte> _line = [];
    private readonly Queue<byte[]> _lines = new();
    private int _offset;
    private int _queued;
    private bool _closed;
    private TaskCompletionSource? _changed;

    public IInputStream Input => field ??= new Keyboard(this);
    public IOutputStream Output => field ??= new Screen(this);

    /// <summary>Serves the terminal as long as the process that it was made for lives.</summary>
    public void Start(Process process, TaskScheduler scheduler)
    {
        terminal.ForegroundGroup = process.Group;
        terminal.Resized += () => signalGroup(terminal.ForegroundGroup, Signals.WindowChange);
        Task.Factory.StartNew(() => PumpAsync(process.Killed), CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
    }

    private async Task PumpAsync(CancellationToken ended)
    {
        var buffer = new byte[1024];
        try
        {
            while (true)
            {
                var count = await keys.ReadAsync(buffer, ended);
                if (count == 0) break;
                var echo = new List<byte>();
                lock (_gate)
                {
                    foreach (var key in buffer.AsSpan(0, count)) OnKey(key, echo);
                    Changed();
                }
                if (echo.Count > 0) await WriteRawAsync(echo.ToArray(), ended);
                await WaitForRoomAsync(ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
        catch (IOException)
        {
            // The user's end is gone: the same as the end of input.
        }
        lock (_gate)
        {
            _closed = true;
            Changed();
        }
    }

    private void OnKey(byte key, List<byte> echo)
    {
        if (!terminal.Canonical)
        {
            _line.Add(key);
            PushLine();
            return;
        }
        switch (key)
        {
            case 0x03: OnSignalKey(Signals.Interrupt, "^C"u8, echo); break;
            case 0x1c: OnSignalKey(Signals.Quit, "^\\"u8, echo); break;
            case 0x04 when _line.Count == 0: _lines.Enqueue([]); break;
            case 0x04: PushLine(); break;
            case 0x7f or 0x08: EraseCharacter(echo); break;
            case 0x15:
                while (EraseCharacter(echo)) { }
                break;
            case 0x17:
                while (_line.Count > 0 && _line[^1] == ' ') EraseCharacter(echo);
                while (_line.Count > 0 && _line[^1] != ' ') EraseCharacter(echo);
                break;
            case (byte)'\r' or (byte)'\n':
                echo.AddRange("\r\n"u8);
                _line.Add((byte)'\n');
                PushLine();
                break;
            default:
                if (_line.Count >= LineLimit) break;
                _line.Add(key);
                if (key < 0x20 && key != '\t') echo.AddRange([(byte)'^', (byte)(key + 0x40)]);
                else echo.Add(key);
                break;
        }
    }

    private void OnSignalKey(int signal, ReadOnlySpan<byte> shown, List<byte> echo)
    {
        echo.AddRange(shown);
        _line.Clear();
        signalGroup(terminal.ForegroundGroup, signal);
    }

    private bool EraseCharacter(List<byte> echo)
    {
        if (_line.Count == 0) return false;
        while (_line.Count > 1 && (_line[^1] & 0xc0) == 0x80) _line.RemoveAt(_line.Count - 1);
        _line.RemoveAt(_line.Count - 1);
        echo.AddRange("\b \b"u8);
        return true;
    }

    private void PushLine()
    {
        _lines.Enqueue([.. _line]);
        _queued += _line.Count;
        _line.Clear();
    }

    private async Task WaitForRoomAsync(CancellationToken ended)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_queued < QueueLimit) return;
                wait = NextChange();
            }
            await wait.WaitAsync(ended);
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            lock (_gate)
            {
                if (_lines.TryPeek(out var line))
                {
                    var count = Math.Min(buffer.Length, line.Length - _offset);
                    line.AsSpan(_offset, count).CopyTo(buffer.Span);
                    _offset += count;
                    _queued -= count;
                    if (_offset == line.Length)
                    {
                        _lines.Dequeue();
                        _offset = 0;
                    }
                    Changed();
                    return count;
                }
                if (_closed) return 0;
                wait = NextChange();
            }
            await wait.WaitAsync(cancellationToken);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.Span.IndexOf((byte)'\n') >= 0)
        {
            var translated = new List<byte>(data.Length + 16);
            foreach (var b in data.Span)
            {
                if (b == '\n') translated.Add((byte)'\r');
                translated.Add(b);
            }
            data = translated.ToArray();
        }
        await WriteRawAsync(data, cancellationToken);
    }

    private async ValueTask WriteRawAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _screenFree.WaitAsync(cancellationToken);
        try
        {
            await screen.WriteAsync(data, cancellationToken);
        }
        finally
        {
            _screenFree.Release();
        }
    }

    private Task NextChange() => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Changed()
    {
        _changed?.SetResult();
        _changed = null;
    }

    private sealed class Keyboard(TerminalDevice device) : IInputStream, ITerminalStream
    {
        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => device.ReadAsync(buffer, cancellationToken);
    }

    private sealed class Screen(TerminalDevice device) : IOutputStream, ITerminalStream
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => device.WriteAsync(data, cancellationToken);
    }
}
