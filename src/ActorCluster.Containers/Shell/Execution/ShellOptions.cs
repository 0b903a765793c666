namespace ActorCluster.Containers.Shell.Execution;

/// <summary>What set -e and its like turn on.</summary>
internal sealed class ShellOptions
{
    /// <summary>In the order in which set -o lists them.</summary>
    public static readonly (string Name, char Letter)[] All =
    [
        ("errexit", 'e'), ("noglob", 'f'), ("ignoreeof", 'I'), ("interactive", 'i'), ("monitor", 'm'), ("noexec", 'n'), ("stdin", 's'), ("xtrace", 'x'), ("verbose", 'v'),
        ("noclobber", 'C'), ("allexport", 'a'), ("notify", 'b'), ("nounset", 'u'), ("errtrace", 'E'), ("pipefail", '\0'),
    ];

    private readonly HashSet<string> _on = new(StringComparer.Ordinal);

    public bool ErrExit => _on.Contains("errexit");
    public bool NoGlob => _on.Contains("noglob");
    public bool NoUnset => _on.Contains("nounset");
    public bool XTrace => _on.Contains("xtrace");
    public bool Verbose => _on.Contains("verbose");
    public bool NoExec => _on.Contains("noexec");
    public bool NoClobber => _on.Contains("noclobber");
    public bool AllExport => _on.Contains("allexport");
    public bool PipeFail => _on.Contains("pipefail");
    public bool Interactive => _on.Contains("interactive");

    /// <summary>What $- holds.</summary>
    public string Letters => string.Concat(All.Where(o => o.Letter != '\0' && _on.Contains(o.Name)).Select(o => o.Letter));

    public bool IsOn(string name) => _on.Contains(name);

    public bool TrySet(string name, bool on)
    {
        if (!All.Any(o => o.Name == name)) return false;
        if (on) _on.Add(name);
        else _on.Remove(name);
        return true;
    }

    public bool TrySet(char letter, bool on)
    {
        // set -h and the like are accepted by every sh and mean nothing here.
        if (letter == 'h') return true;
        var option = Array.Find(All, o => o.Letter == letter && letter != '\0');
        return option.Name is not null && TrySet(option.Name, on);
    }

    public ShellOptions Clone()
    {
        var copy = new ShellOptions();
        copy._on.UnionWith(_on);
        return copy;
    }
}
