using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Probes;
using ActorCluster.Nodes.Processes;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>postStart and preStop (pkg/kubelet/lifecycle/handlers.go).</summary>
internal static class LifecycleHooks
{
    /// <summary>The hook's HTTP client has a deadline of its own (pkg/kubelet/kubelet.go makes it with none; the grace period ends it).</summary>
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromHours(1);

    /// <param name="ended">Cancelled when the instance ended.</param>
    /// <returns>Why it failed; null if it didn't.</returns>
    public static async Task<string?> RunAsync(V1LifecycleHandler hook, ContainerPlan plan, ContainerInstance instance, NodeServices node, CancellationToken ended)
    {
        if (hook.Exec is { } exec)
        {
            var result = await ContainerCommand.RunAsync(instance.Container, [.. exec.Command ?? []], Timeout.InfiniteTimeSpan, node.Clock, ended);
            return result.ExitCode == 0 ? null : result.ExitCode is { } code ? $"command '{string.Join(' ', exec.Command ?? [])}' exited with {code}: {result.Output}" : result.Output;
        }
        if (hook.HttpGet is { } get)
        {
            var result = await node.Prober.GetAsync(get, plan.Spec, plan.PodIP, HttpTimeout, ended);
            return result.Outcome is ProbeOutcome.Success or ProbeOutcome.Warning ? null : result.Output;
        }
        if (hook.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), node.Clock, ended);
            return null;
        }
        return "invalid handler";
    }
}
