using System.Text;
using ActorCluster.Containers.Shell.Execution;

namespace ActorCluster.Containers.Shell;

/// <summary>Lines of standard input, read byte by byte: what follows a command belongs to the programs it starts.</summary>
internal sealed class LineSource(Interpreter shell)
{
    private const int LineLimit = 1 << 20;

    private readonly byte[] _one = new byte[1];
    private readonly List<byte> _line = [];

    /// <returns>With its newline, if it has one; null at the end.</returns>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        _line.Clear();
        while (true)
        {
            var count = await shell.Files.Input(0).ReadAsync(_one, cancellationToken);
            if (count == 0) return _line.Count == 0 ? null : Encoding.UTF8.GetString(_line.ToArray());
            _line.Add(_one[0]);
            if (_one[0] == '\n') return Encoding.UTF8.GetString(_line.ToArray());
            if (_line.Count > LineLimit) throw new ShellFaultException("line too long", 2);
        }
    }
}
