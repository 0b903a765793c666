using System.Text;
using k8s;
using k8s.Models;

namespace ActorCluster.Cli.Demo;

/// <summary>The demonstration's steps by the official C# client, for those who have no kubectl.</summary>
internal sealed class LibraryDemoClient(string kubeconfig, TimeProvider clock, TimeSpan patience) : IDemoClient
{
    private const string Namespace = "default";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    public string Description => "the official C# client (there is no kubectl on the PATH, or it isn't wanted)";

    public DemoCall GetNodes() => new("client.CoreV1.ListNodeAsync()", async (output, cancellationToken) =>
        Print(output, ["NAME", "READY", "INTERNAL-IP", "VERSION"],
            (await _client.CoreV1.ListNodeAsync(cancellationToken: cancellationToken)).Items.Select(node => (string[])
            [
                node.Metadata.Name,
                node.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown",
                node.Status.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "",
                node.Status.NodeInfo?.KubeletVersion ?? "",
            ])));

    public DemoCall GetPods() => new($"client.CoreV1.ListNamespacedPodAsync(\"{Namespace}\")", async (output, cancellationToken) =>
        Print(output, ["NAME", "PHASE", "IP", "NODE"],
            (await _client.CoreV1.ListNamespacedPodAsync(Namespace, cancellationToken: cancellationToken)).Items.Select(pod => (string[])
            [
                pod.Metadata.Name,
                pod.Metadata.DeletionTimestamp is null ? pod.Status.Phase ?? "" : "Terminating",
                pod.Status.PodIP ?? "",
                pod.Spec.NodeName ?? "",
            ])));

    public DemoCall Apply(params IReadOnlyList<string> files) => new(
        $"client.CoreV1.CreateNamespacedPodAsync(...) for {string.Join(", ", files.Select(Path.GetFileName))}",
        async (output, cancellationToken) =>
        {
            foreach (var file in files)
            {
                foreach (var pod in (await KubernetesYaml.LoadAllFromFileAsync(file)).Cast<V1Pod>())
                {
                    await _client.CoreV1.CreateNamespacedPodAsync(pod, Namespace, cancellationToken: cancellationToken);
                    output($"pod/{pod.Metadata.Name} created");
                }
            }
        });

    public DemoCall WaitReady(params IReadOnlyList<string> pods) => new($"wait until {string.Join(" and ", pods)} are Ready", async (output, cancellationToken) =>
    {
        foreach (var name in pods)
        {
            await UntilAsync(async () => (await _client.CoreV1.ReadNamespacedPodAsync(name, Namespace, cancellationToken: cancellationToken))
                .Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false, $"{name} did not become Ready.", cancellationToken);
            output($"pod/{name} condition met");
        }
    });

    public DemoCall WaitAvailable(string deployment) => new($"wait until deployment {deployment} is available", async (output, cancellationToken) =>
    {
        await UntilAsync(async () =>
        {
            var now = await _client.AppsV1.ReadNamespacedDeploymentAsync(deployment, Namespace, cancellationToken: cancellationToken);
            return now.Status.ObservedGeneration >= now.Metadata.Generation && (now.Status.AvailableReplicas ?? 0) == now.Spec.Replicas;
        }, $"Deployment {deployment} did not become available.", cancellationToken);
        output($"deployment \"{deployment}\" successfully rolled out");
    });

    public DemoCall Logs(string pod, string container) => new(
        $"client.CoreV1.ReadNamespacedPodLogAsync(\"{pod}\", \"{Namespace}\", container: \"{container}\")",
        async (output, cancellationToken) =>
            PrintLines(output, await _client.CoreV1.ReadNamespacedPodLogAsync(pod, Namespace, container: container, cancellationToken: cancellationToken)));

    public DemoCall Exec(string pod, string container, params IReadOnlyList<string> command) => new(
        $"client.NamespacedPodExecAsync(\"{pod}\", \"{Namespace}\", \"{container}\", [{string.Join(", ", command.Select(word => $"\"{word}\""))}], ...)",
        async (output, cancellationToken) =>
        {
            var code = await _client.NamespacedPodExecAsync(pod, Namespace, container, command, false,
                async (_, standardOutput, standardError) =>
                {
                    var errors = ReadLinesAsync(standardError, output, cancellationToken);
                    await ReadLinesAsync(standardOutput, output, cancellationToken);
                    await errors;
                }, cancellationToken);
            if (code != 0) throw new DemoFailedException($"The command ended with exit code {code}.");
        });

    public DemoCall RunOnce(string pod, string image, params IReadOnlyList<string> command) => new(
        $"create pod {pod} of image {image} with args [{string.Join(", ", command)}], wait for its end, read its log, delete it",
        async (output, cancellationToken) =>
        {
            var made = await _client.CoreV1.CreateNamespacedPodAsync(
                new V1Pod
                {
                    Metadata = new V1ObjectMeta { Name = pod },
                    Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = pod, Image = image, Args = [.. command] }] },
                }, Namespace, cancellationToken: cancellationToken);
            var phase = "";
            await UntilAsync(async () =>
            {
                phase = (await _client.CoreV1.ReadNamespacedPodAsync(pod, Namespace, cancellationToken: cancellationToken)).Status.Phase;
                return phase is "Succeeded" or "Failed";
            }, $"Pod {pod} did not end.", cancellationToken);
            PrintLines(output, await _client.CoreV1.ReadNamespacedPodLogAsync(pod, Namespace, cancellationToken: cancellationToken));
            await _client.CoreV1.DeleteNamespacedPodAsync(pod, Namespace, cancellationToken: cancellationToken);
            await UntilAsync(async () => (await _client.CoreV1.ListNamespacedPodAsync(Namespace, cancellationToken: cancellationToken))
                .Items.All(there => there.Metadata.Uid != made.Metadata.Uid), $"Pod {pod} was not deleted.", cancellationToken);
            output($"pod \"{pod}\" deleted");
            if (phase != "Succeeded") throw new DemoFailedException($"Pod {pod} failed.");
        });

    public DemoCall CreateDeployment(string name, string image, int replicas) => new(
        $"client.AppsV1.CreateNamespacedDeploymentAsync(...): {name}, image {image}, {replicas} replicas",
        async (output, cancellationToken) =>
        {
            var labels = new Dictionary<string, string> { ["app"] = name };
            await _client.AppsV1.CreateNamespacedDeploymentAsync(
                new V1Deployment
                {
                    Metadata = new V1ObjectMeta { Name = name, Labels = labels },
                    Spec = new V1DeploymentSpec
                    {
                        Replicas = replicas,
                        Selector = new V1LabelSelector { MatchLabels = labels },
                        Template = new V1PodTemplateSpec
                        {
                            Metadata = new V1ObjectMeta { Labels = labels },
                            Spec = new V1PodSpec { Containers = [new V1Container { Name = image, Image = image }] },
                        },
                    },
                }, Namespace, cancellationToken: cancellationToken);
            output($"deployment.apps/{name} created");
        });

    public DemoCall Expose(string deployment, int port) => new(
        $"client.CoreV1.CreateNamespacedServiceAsync(...): {deployment}, port {port}",
        async (output, cancellationToken) =>
        {
            await _client.CoreV1.CreateNamespacedServiceAsync(
                new V1Service
                {
                    Metadata = new V1ObjectMeta { Name = deployment },
                    Spec = new V1ServiceSpec
                    {
                        Selector = new Dictionary<string, string> { ["app"] = deployment },
                        Ports = [new V1ServicePort { Port = port, TargetPort = port, Protocol = "TCP" }],
                    },
                }, Namespace, cancellationToken: cancellationToken);
            output($"service/{deployment} exposed");
        });

    public void Dispose() => _client.Dispose();

    private async Task UntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(start) > patience) throw new DemoFailedException(otherwise);
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private static void PrintLines(Action<string> output, Stream text)
    {
        using var reader = new StreamReader(text, Encoding.UTF8);
        while (reader.ReadLine() is { } line) output(line);
    }

    private static async Task ReadLinesAsync(Stream stream, Action<string> output, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line) output(line);
    }

    private static void Print(Action<string> output, string[] columns, IEnumerable<string[]> rows)
    {
        List<string[]> table = [columns, .. rows];
        var widths = columns.Select((_, column) => table.Max(row => row[column].Length)).ToList();
        foreach (var row in table) output(string.Join("   ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
