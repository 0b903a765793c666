using System.Globalization;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>The pods that a Job makes. Pure.</summary>
internal static class JobPods
{
    private const string IndexVariable = "JOB_COMPLETION_INDEX";
    private const int MaxGeneratedPrefix = 63 - 5;

    /// <param name="index">Its completion index, in an Indexed job.</param>
    public static V1Pod For(JobView view, int? index)
    {
        var job = view.Job;
        var pod = PodTemplates.PodFrom(job.Spec.Template, job, OwnerKind.Job.Reference(job));
        if (pod.Metadata.Finalizers?.Contains(JobPodFacts.TrackingFinalizer) != true)
            pod.Metadata.Finalizers = [.. pod.Metadata.Finalizers ?? [], JobPodFacts.TrackingFinalizer];
        if (index is not { } number) return pod;

        var text = number.ToString(CultureInfo.InvariantCulture);
        pod.Metadata.GenerateName = NamePrefix(job.Metadata.Name, $"-{text}-");
        pod.Metadata.Labels = With(pod.Metadata.Labels, JobPodFacts.IndexAnnotation, text);
        pod.Metadata.Annotations = With(pod.Metadata.Annotations, JobPodFacts.IndexAnnotation, text);
        if (JobFacts.LimitsPerIndex(job)) CountFailures(pod, job, view.Replaceable.GetValueOrDefault(number));
        pod.Spec = pod.Spec with
        {
            Hostname = $"{job.Metadata.Name}-{text}",
            Containers = WithIndex(pod.Spec.Containers),
            InitContainers = pod.Spec.InitContainers is null ? null : WithIndex(pod.Spec.InitContainers),
        };
        return pod;
    }

    private static string NamePrefix(string job, string suffix) => job.Length + suffix.Length > MaxGeneratedPrefix ? job[..(MaxGeneratedPrefix - suffix.Length)] + suffix : job + suffix;

    /// <summary>A pod takes over the counts of the one that it replaces, and its failure.</summary>
    private static void CountFailures(V1Pod pod, V1Job job, V1Pod? replaced)
    {
        var (failures, ignored) = (0, 0);
        if (replaced is not null)
        {
            var counts = PodFailureMatch.Of(job, replaced).Counts;
            failures = JobPodFacts.FailuresBefore(replaced) + (counts ? 1 : 0);
            ignored = JobPodFacts.IgnoredFailuresBefore(replaced) + (counts ? 0 : 1);
        }

        pod.Metadata.Annotations = With(pod.Metadata.Annotations, JobPodFacts.FailuresAnnotation, failures.ToString(CultureInfo.InvariantCulture));
        if (ignored > 0) pod.Metadata.Annotations = With(pod.Metadata.Annotations, JobPodFacts.IgnoredFailuresAnnotation, ignored.ToString(CultureInfo.InvariantCulture));
    }

    private static List<V1Container> WithIndex(IList<V1Container> containers) =>
    [
        .. containers.Select(container => container.Env?.Any(variable => variable.Name == IndexVariable) == true ? container : container with
        {
            Env = [.. container.Env ?? [], new V1EnvVar
            {
                Name = IndexVariable,
                ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.labels['{JobPodFacts.IndexAnnotation}']" } },
            }],
        }),
    ];

    private static Dictionary<string, string> With(IDictionary<string, string>? map, string key, string value) =>
        new(map ?? new Dictionary<string, string>()) { [key] = value };
}
