namespace ActorCluster.Containers.Runtime;

/// <summary>Linux's signals on x86-64 (signal(7)): numbers, names and default actions.</summary>
public static class Signals
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Pipe = 13;
    public const int Terminate = 15;
    public const int WindowChange = 28;

    private static readonly string[] Names =
    [
        "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
    ];

    /// <summary>All names by number; [0] is the shell's pseudo signal EXIT.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>Whether the default action is to end the process. CHLD, CONT, URG and WINCH are ignored; so, here, are those that stop.</summary>
    public static bool Ends(int signal) => signal is not (17 or 18 or 19 or 20 or 21 or 22 or 23 or 28);

    public static bool IsValid(int signal) => signal is >= 0 and <= 64;

    /// <summary>"TERM", "SIGTERM", "term" or "15"; null if it is none.</summary>
    public static int? Parse(string text)
    {
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)) return IsValid(number) ? number : null;
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        var index = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? index : null;
    }

    /// <summary>What the shell prints of a job that a signal ended (strsignal).</summary>
    public static string Describe(int signal) => signal switch
    {
        Hangup => "Hangup",
        Interrupt => "Interrupt",
        Quit => "Quit",
        6 => "Aborted",
        Kill => "Killed",
        10 => "User defined signal 1",
        11 => "Segmentation fault",
        12 => "User defined signal 2",
        Pipe => "Broken pipe",
        14 => "Alarm clock",
        Terminate => "Terminated",
        _ => $"Signal {signal}",
    };
}
