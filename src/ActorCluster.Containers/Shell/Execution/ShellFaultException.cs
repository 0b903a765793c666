namespace ActorCluster.Containers.Shell.Execution;

/// <summary>An error that ends a non-interactive shell (XCU 2.8.1), worded without the shell's name.</summary>
internal sealed class ShellFaultException(string message, int status) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>The builtin that failed, for the message.</summary>
    public string? Builtin { get; set; }

    /// <summary>The message has been written.</summary>
    public bool Reported { get; set; }
}
