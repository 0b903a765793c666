using System.Globalization;
using ActorCluster.Containers.Shell.Expansion;
using ActorCluster.Containers.Shell.Syntax;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Containers.Shell.Execution;

internal readonly record struct Variable(string? Value, bool Exported, bool ReadOnly);

/// <summary>A shell's execution environment (XCU 2.12): what a subshell gets a copy of.</summary>
internal sealed class ShellState(RandomSource random) : IArithmeticVariables
{
    /// <summary>What all variables may hold together, in characters.</summary>
    private const int SizeLimit = 32 << 20;

    private long _size;
    private readonly Dictionary<string, Variable> _variables = new(StringComparer.Ordinal);
    private readonly List<Dictionary<string, Variable?>> _locals = [];

    public Dictionary<string, Node> Functions { get; private init; } = new(StringComparer.Ordinal);
    public Dictionary<string, string> Aliases { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>By signal number; 0 is EXIT. An empty text ignores the signal.</summary>
    public Dictionary<int, string> Traps { get; } = [];

    public ShellOptions Options { get; init; } = new();
    public List<string> Positional { get; set; } = [];
    public string Name { get; set; } = "sh";
    public int ProcessId { get; init; }
    public int ParentId { get; init; }
    public int Status { get; set; }
    public int? LastBackground { get; set; }
    public int Line { get; set; }
    public int Umask { get; set; } = 0b010_010;
    public string WorkingDirectory { get; set; } = "/";

    /// <summary>Where getopts is within a cluster of options.</summary>
    public int OptionOffset { get; set; }

    /// <summary>IFS.</summary>
    public string Separators => Get("IFS") ?? " \t\n";

    /// <summary>What joins "$*".</summary>
    public string JoinSeparator => Get("IFS") is not { } ifs ? " " : ifs.Length > 0 ? ifs[..1] : "";

    public bool InFunction => _locals.Count > 0;
    public IEnumerable<KeyValuePair<string, Variable>> Variables => _variables.OrderBy(v => v.Key, StringComparer.Ordinal);

    public string? Get(string name) => name switch
    {
        "RANDOM" => random.Next(32768).ToString(CultureInfo.InvariantCulture),
        "LINENO" => Line.ToString(CultureInfo.InvariantCulture),
        _ => _variables.TryGetValue(name, out var variable) ? variable.Value : null,
    };

    public Variable Find(string name) => _variables.GetValueOrDefault(name);

    /// <summary>A variable or a special or positional parameter.</summary>
    public string? GetParameter(string name)
    {
        switch (name)
        {
            case "@" or "*": return Positional.Count > 0 ? string.Join(JoinSeparator, Positional) : null;
            case "#": return Positional.Count.ToString(CultureInfo.InvariantCulture);
            case "?": return Status.ToString(CultureInfo.InvariantCulture);
            case "$": return ProcessId.ToString(CultureInfo.InvariantCulture);
            case "!": return LastBackground?.ToString(CultureInfo.InvariantCulture);
            case "-": return Options.Letters;
            case "0": return Name;
        }
        if (!char.IsAsciiDigit(name[0])) return Get(name);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index > 0 && index <= Positional.Count ? Positional[index - 1] : null;
    }

    /// <exception cref="ShellFaultException">It is read-only.</exception>
    public void Set(string name, string value)
    {
        var old = Find(name);
        if (old.ReadOnly) throw new ShellFaultException($"{name}: is read only", 2);
        if (_size + value.Length - (old.Value?.Length ?? 0) > SizeLimit) throw new ShellFaultException("out of memory", 2);
        Count(old, -1);
        Count(new(value, false, false), 1);
        _variables[name] = new(value, old.Exported || Options.AllExport, false);
        if (name == "OPTIND") OptionOffset = 0;
    }

    public void Mark(string name, bool exported = false, bool readOnly = false)
    {
        var old = Find(name);
        _variables[name] = new(old.Value, old.Exported || exported, old.ReadOnly || readOnly);
    }

    public void Unexport(string name)
    {
        if (_variables.TryGetValue(name, out var old)) _variables[name] = old with { Exported = false };
    }

    /// <exception cref="ShellFaultException">It is read-only.</exception>
    public void Unset(string name)
    {
        if (Find(name).ReadOnly) throw new ShellFaultException($"{name}: is read only", 2);
        Count(Find(name), -1);
        _variables.Remove(name);
    }

    private void Count(Variable variable, int sign) => _size += sign * (variable.Value is { } value ? value.Length + 32L : 0);

    /// <summary>Puts back what a temporary assignment or a local variable hid.</summary>
    public void Restore(string name, Variable? variable)
    {
        Count(Find(name), -1);
        Count(variable ?? default, 1);
        if (variable is { } old) _variables[name] = old;
        else _variables.Remove(name);
    }

    public Variable? Save(string name) => _variables.TryGetValue(name, out var variable) ? variable : null;

    public void EnterFunction() => _locals.Add(new(StringComparer.Ordinal));

    public void LeaveFunction()
    {
        var saved = _locals[^1];
        _locals.RemoveAt(_locals.Count - 1);
        foreach (var (name, variable) in saved) Restore(name, variable);
    }

    public void MakeLocal(string name) => _locals[^1].TryAdd(name, Save(name));

    /// <summary>What started programs get.</summary>
    public Dictionary<string, string> Environment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, variable) in _variables)
        {
            if (variable is { Exported: true, Value: { } value }) environment[name] = value;
        }
        return environment;
    }

    /// <summary>The copy for a subshell: traps that do something are not inherited, those that ignore are.</summary>
    public ShellState Fork()
    {
        var copy = new ShellState(random)
        {
            Functions = new(Functions, StringComparer.Ordinal),
            Aliases = new(Aliases, StringComparer.Ordinal),
            Options = Options.Clone(),
            Positional = [.. Positional],
            Name = Name,
            ProcessId = ProcessId,
            ParentId = ParentId,
            Status = Status,
            LastBackground = LastBackground,
            Line = Line,
            Umask = Umask,
            WorkingDirectory = WorkingDirectory,
            OptionOffset = OptionOffset,
        };
        copy.Options.TrySet("interactive", false);
        foreach (var (name, variable) in _variables) copy._variables[name] = variable;
        copy._size = _size;
        foreach (var locals in _locals) copy._locals.Add(new(locals, StringComparer.Ordinal));
        foreach (var (signal, action) in Traps)
        {
            if (action.Length == 0) copy.Traps[signal] = action;
        }
        return copy;
    }
}
