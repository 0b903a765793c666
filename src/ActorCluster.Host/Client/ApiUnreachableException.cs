namespace ActorCluster.Host.Client;

/// <summary>A cluster's API can't be reached; the message tells the user why, and which command helps.</summary>
/// <param name="runs">Its process is there, as far as is known.</param>
public sealed class ApiUnreachableException(string message, bool runs, Exception? inner = null) : HttpRequestException(message, inner)
{
    public bool Runs { get; } = runs;
}
