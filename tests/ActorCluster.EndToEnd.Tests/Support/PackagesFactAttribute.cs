namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that packs and restores, which takes a minute of a whole machine: only where it is asked for.</summary>
public sealed class PackagesFactAttribute : FactAttribute
{
    public PackagesFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("ACTORCLUSTER_PACKAGES") is null or "") Skip = "It packs the packages and restores from them: set ACTORCLUSTER_PACKAGES=1.";
    }
}
