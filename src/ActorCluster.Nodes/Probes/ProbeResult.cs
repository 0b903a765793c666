namespace ActorCluster.Nodes.Probes;

internal enum ProbeOutcome
{
    Success,

    /// <summary>Success, with something to tell.</summary>
    Warning,

    Failure,

    /// <summary>The probe itself could not be made; it counts for nothing.</summary>
    Errored,
}

internal readonly record struct ProbeResult(ProbeOutcome Outcome, string Output)
{
    public static readonly ProbeResult Success = new(ProbeOutcome.Success, "");

    public static ProbeResult Failure(string output) => new(ProbeOutcome.Failure, output);
}
