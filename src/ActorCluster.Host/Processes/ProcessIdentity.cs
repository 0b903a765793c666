using System.Diagnostics;
using System.Globalization;

namespace ActorCluster.Host.Processes;

/// <summary>
/// One OS process, named so that it can't be mistaken for another that later got the same PID: the PID and when the process started.
/// Signals go only to a process whose start still matches.
/// </summary>
/// <param name="ProcessId">The PID.</param>
/// <param name="Started">On Linux the boot's id and the start in clock ticks since boot (proc(5), stat field 22); elsewhere the start in UTC, to the second.</param>
public sealed record ProcessIdentity(int ProcessId, string Started)
{
    private static readonly Lazy<string> Boot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>This process.</summary>
    public static ProcessIdentity Current =>
        Of(Environment.ProcessId) ?? throw new InvalidOperationException("This process can't see itself in the process table.");

    /// <summary>The process that has this PID now; null if there is none, or only a zombie that waits to be reaped.</summary>
    public static ProcessIdentity? Of(int processId)
    {
        if (OperatingSystem.IsLinux())
            return ReadStatus(processId) is { State: not ('Z' or 'X') } status ? new(processId, $"{Boot.Value}:{status.Start}") : null;
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null
                : new(processId, process.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null; // gone, or went while we looked
        }
    }

    /// <summary>Still runs. A zombie counts as gone.</summary>
    public bool IsAlive => Of(ProcessId) == this;

    /// <summary>Asks the process to hand over what it does and end (SIGTERM; on Windows, which has none, this kills).</summary>
    /// <returns>False if it is gone.</returns>
    public bool Terminate() => Send(PosixCalls.SignalTerminate);

    /// <summary>Asks the process to end now (SIGINT; on Windows this kills).</summary>
    /// <returns>False if it is gone.</returns>
    public bool Interrupt() => Send(PosixCalls.SignalInterrupt);

    /// <summary>Ends the process without a chance to clean up (kill -9).</summary>
    /// <returns>False if it is gone.</returns>
    public bool Kill() => Send(PosixCalls.SignalKill);

    /// <summary>Frozen by SIGSTOP; null where the system doesn't tell.</summary>
    public bool? IsPaused => OperatingSystem.IsLinux() ? IsAlive && ReadStatus(ProcessId) is { State: 'T' } : null;

    /// <summary>Freezes the process (SIGSTOP).</summary>
    /// <returns>False if it is gone.</returns>
    /// <exception cref="PlatformNotSupportedException">On Windows, which can't.</exception>
    public bool Pause() => SendWherePossible(PosixCalls.SignalStop);

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    /// <inheritdoc cref="Pause"/>
    public bool Resume() => SendWherePossible(PosixCalls.SignalContinue);

    /// <summary>Has a process that runs look whether there is anything new for it (SIGCONT, which means nothing else to it). Does nothing on Windows.</summary>
    /// <returns>False if it is gone, or can't be told.</returns>
    public bool Nudge() => !OperatingSystem.IsWindows() && Send(PosixCalls.SignalContinue);

    private bool SendWherePossible(int signal) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException("Windows can't pause a process.") : Send(signal);

    private bool Send(int signal)
    {
        if (!IsAlive) return false;
        if (!OperatingSystem.IsWindows()) return PosixCalls.Signal(ProcessId, signal);
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            process.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false; // went while we looked
        }
    }

    private static (char State, string Start)? ReadStatus(int processId)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
        }
        catch (IOException)
        {
            return null; // no such process, or it went while we read
        }

        // The command name is in parentheses and may hold anything, parentheses and spaces too: fields count from the last one.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > 19 ? (fields[0][0], fields[19]) : null;
    }
}
