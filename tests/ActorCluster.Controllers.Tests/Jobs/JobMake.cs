using System.Globalization;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Jobs;

/// <summary>Jobs and their pods for tests.</summary>
internal static class JobMake
{
    public static readonly V1OwnerReference Owner = new() { ApiVersion = "batch/v1", Kind = "Job", Name = "pi", Uid = "uid-of-pi", Controller = true };

    public static V1Job Job(int? completions = 1, int parallelism = 1, bool indexed = false, int backoffLimit = 6, int? perIndex = null, string restart = "Never") => new()
    {
        ApiVersion = "batch/v1",
        Kind = "Job",
        Metadata = new V1ObjectMeta { Name = "pi", NamespaceProperty = "default", Uid = "uid-of-pi", ResourceVersion = "1", Generation = 1 },
        Spec = new V1JobSpec
        {
            Completions = completions,
            Parallelism = parallelism,
            CompletionMode = indexed ? "Indexed" : "NonIndexed",
            BackoffLimit = backoffLimit,
            BackoffLimitPerIndex = perIndex,
            Selector = new V1LabelSelector { MatchLabels = Make.Labels("job=pi") },
            Template = Make.Template("job=pi", "perl") is var template && template.Spec is { } spec ? template with { Spec = spec with { RestartPolicy = restart } } : template,
        },
        Status = new V1JobStatus { StartTime = Make.Noon.AddMinutes(-1).UtcDateTime },
    };

    /// <param name="phase">"" for a running pod.</param>
    /// <param name="ended">How many seconds ago it ended.</param>
    public static V1Pod Pod(string name, string phase = "", int? index = null, bool tracked = true, int ended = 0, int exitCode = 1, bool deleting = false, int failures = 0)
    {
        var pod = Make.Pod(name, "job=pi", "n1", Owner, ready: phase.Length == 0 ? true : null, phase: phase, deleting: deleting);
        if (tracked) pod.Metadata.Finalizers = [JobPodFacts.TrackingFinalizer];
        if (index is { } number)
        {
            pod.Metadata.Annotations = new Dictionary<string, string>
            {
                [JobPodFacts.IndexAnnotation] = number.ToString(CultureInfo.InvariantCulture),
                [JobPodFacts.FailuresAnnotation] = failures.ToString(CultureInfo.InvariantCulture),
            };
        }

        if (phase.Length == 0) return pod;
        var terminated = new V1ContainerStateTerminated { ExitCode = phase == "Failed" ? exitCode : 0, FinishedAt = Make.Noon.AddSeconds(-ended).UtcDateTime };
        pod.Status.ContainerStatuses = [new V1ContainerStatus { Name = "main", State = new V1ContainerState { Terminated = terminated } }];
        return pod;
    }

    public static JobView View(V1Job job, params V1Pod[] pods) => new(job, pods, JobBackoff.None);

    public static string[] Names(IEnumerable<V1Pod> pods) => [.. pods.Select(pod => pod.Metadata.Name)];
}
