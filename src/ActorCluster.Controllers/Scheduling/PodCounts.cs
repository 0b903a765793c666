namespace ActorCluster.Controllers.Scheduling;

/// <summary>
/// How many pods on each node match a question. Counted once when it is asked first and kept up to date pod by pod then, so that the next pod
/// of a workload costs no look at those that are there.
/// </summary>
/// <remarks>Not safe for concurrent use: its owner has a lock.</remarks>
internal sealed class PodCounts
{
    /// <summary>Questions that are kept; the one that was asked longest ago goes first.</summary>
    private const int MostQuestions = 512;
    private static readonly IReadOnlyDictionary<string, int> Nowhere = new Dictionary<string, int>();

    private readonly Dictionary<string, Question> _questions = [];
    private readonly Dictionary<string, List<Question>> _byNamespace = [];
    private readonly Dictionary<string, Dictionary<string, (SchedulingPod Pod, string Node)>> _pods = [];
    private long _asked;

    public void Add(SchedulingPod pod, string node)
    {
        if (!_pods.TryGetValue(pod.Namespace, out var pods)) _pods.Add(pod.Namespace, pods = []);
        pods[pod.Uid] = (pod, node);
        Count(pod, node, 1);
    }

    /// <summary>The same pod as it is now; no question's answer has changed.</summary>
    public void Refresh(SchedulingPod pod, string node)
    {
        if (_pods.TryGetValue(pod.Namespace, out var pods) && pods.ContainsKey(pod.Uid)) pods[pod.Uid] = (pod, node);
    }

    public void Remove(SchedulingPod pod, string node)
    {
        if (!_pods.TryGetValue(pod.Namespace, out var pods) || !pods.Remove(pod.Uid)) return;
        if (pods.Count == 0) _pods.Remove(pod.Namespace);
        Count(pod, node, -1);
    }

    /// <summary>By the names of the nodes; those with none are left out. Good until the next change.</summary>
    public IReadOnlyDictionary<string, int> PerNode(PodMatch match)
    {
        if (match.Namespaces.Count == 0) return Nowhere;
        if (!_questions.TryGetValue(match.Key, out var question)) question = Begin(match);
        question.Asked = ++_asked;
        return question.Counts;
    }

    private Question Begin(PodMatch match)
    {
        if (_questions.Count >= MostQuestions) Forget(_questions.Values.MinBy(question => question.Asked)!);
        var question = new Question(match);
        foreach (var ns in match.Namespaces)
        {
            if (!_byNamespace.TryGetValue(ns, out var questions)) _byNamespace.Add(ns, questions = []);
            questions.Add(question);
            if (!_pods.TryGetValue(ns, out var pods)) continue;
            foreach (var (pod, node) in pods.Values) question.Count(pod, node, 1);
        }

        _questions.Add(match.Key, question);
        return question;
    }

    private void Forget(Question question)
    {
        _questions.Remove(question.Match.Key);
        foreach (var ns in question.Match.Namespaces)
        {
            _byNamespace[ns].Remove(question);
            if (_byNamespace[ns].Count == 0) _byNamespace.Remove(ns);
        }
    }

    private void Count(SchedulingPod pod, string node, int change)
    {
        if (!_byNamespace.TryGetValue(pod.Namespace, out var questions)) return;
        foreach (var question in questions) question.Count(pod, node, change);
    }

    private sealed class Question(PodMatch match)
    {
        public PodMatch Match { get; } = match;
        public Dictionary<string, int> Counts { get; } = [];
        public long Asked { get; set; }

        public void Count(SchedulingPod pod, string node, int change)
        {
            if (!Match.Matches(pod)) return;
            var count = Counts.GetValueOrDefault(node) + change;
            if (count == 0) Counts.Remove(node);
            else Counts[node] = count;
        }
    }
}
