namespace ActorCluster.Cli.CommandLine;

/// <summary>What the shell sees. Documented in `actorcluster --help` and the README.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command was understood and failed; the message says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>There is no such cluster or process, or it does not run.</summary>
    public const int NotFound = 3;

    /// <summary>It took longer than --timeout.</summary>
    public const int Timeout = 4;

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
