using ActorCluster.Contracts.Client;

namespace ActorCluster.Controllers.Objects;

/// <summary>Whether a create failed because its namespace is being deleted: then nothing is wrong and nothing is to be reported.</summary>
internal static class NamespaceTermination
{
    public static bool IsCauseOf(ApiStatusException failure) =>
        failure.Status?.Details?.Causes?.Any(cause => cause.Reason == "NamespaceTerminating") == true;
}
