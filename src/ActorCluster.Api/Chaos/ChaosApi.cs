namespace ActorCluster.Api.Chaos;

/// <summary>Words of Chaos Mesh's API (github.com/chaos-mesh/chaos-mesh, api/v1alpha1).</summary>
public static class ChaosApi
{
    public const string Group = "chaos-mesh.org";
    public const string Version = "v1alpha1";
    public const string ApiVersion = $"{Group}/{Version}";

    /// <summary>Annotation: "true" pauses an experiment or a schedule.</summary>
    public const string Pause = "experiment.chaos-mesh.org/pause";

    /// <summary>Finalizer that holds an experiment until everything is recovered.</summary>
    public const string RecordsFinalizer = "chaos-mesh/records";

    /// <summary>Annotation: <see cref="Forced"/> lets a deleted experiment go unrecovered.</summary>
    public const string CleanFinalizer = "chaos-mesh.chaos-mesh.org/cleanFinalizer";
    public const string Forced = "forced";

    /// <summary>Label of what a schedule made.</summary>
    public const string ManagedBy = "managed-by";

    public const string Run = "Run";
    public const string Stop = "Stop";
    public const string Injected = "Injected";
    public const string NotInjected = "Not Injected";
    public const string SourceKey = ".";
    public const string TargetKey = ".Target";
}
