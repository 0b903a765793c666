namespace ActorCluster.Cli.Demo;

/// <summary>What the demonstration does to the cluster, in a user's steps. Once with the real kubectl, once with the official C# client.</summary>
internal interface IDemoClient : IDisposable
{
    /// <summary>What it is, for the user: "kubectl v1.32.4".</summary>
    string Description { get; }

    DemoCall GetNodes();
    DemoCall GetPods();
    DemoCall Apply(params IReadOnlyList<string> files);
    DemoCall WaitReady(params IReadOnlyList<string> pods);
    DemoCall WaitAvailable(string deployment);
    DemoCall Logs(string pod, string container);
    DemoCall Exec(string pod, string container, params IReadOnlyList<string> command);

    /// <summary>Runs a pod to its end with its output shown, then deletes it: `kubectl run --rm -i --restart=Never`.</summary>
    DemoCall RunOnce(string pod, string image, params IReadOnlyList<string> command);

    DemoCall CreateDeployment(string name, string image, int replicas);
    DemoCall Expose(string deployment, int port);
}

/// <summary>One call, not yet made.</summary>
/// <param name="Command">What a user would type for it.</param>
/// <param name="RunAsync">Makes it; each line of output is handed over as it comes.</param>
internal sealed record DemoCall(string Command, Func<Action<string>, CancellationToken, Task> RunAsync);

/// <summary>A step of the demonstration did not go as it must.</summary>
internal sealed class DemoFailedException(string message, Exception? inner = null) : Exception(message, inner);
