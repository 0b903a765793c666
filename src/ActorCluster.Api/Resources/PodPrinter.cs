using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;

namespace ActorCluster.Api.Resources;

/// <summary>The row of a pod; above all the one word for its state (pkg/printers/internalversion/printers.go, printPod).</summary>
internal static class PodPrinter
{
    public static IEnumerable<JsonNode?> Cells(JsonObject pod, DateTimeOffset now)
    {
        var summary = Summarize(pod);
        var restarts = summary.Restarts.ToString(CultureInfo.InvariantCulture);
        if (summary.Restarts > 0 && summary.LastRestart is { } last) restarts = $"{restarts} ({HumanDuration.Format(now - last)} ago)";
        var status = pod.GetObject("status");
        return
        [
            pod.TextAt("metadata", "name"),
            $"{summary.Ready}/{summary.Total}",
            summary.Status,
            restarts,
            TablePrinter.Age(pod, now),
            OrNone(status.GetObjects("podIPs").FirstOrDefault()?.GetString("ip") ?? status?.GetString("podIP")),
            OrNone(pod.TextAt("spec", "nodeName")),
            OrNone(pod.TextAt("status", "nominatedNodeName")),
            ReadinessGates(pod),
        ];
    }

    internal sealed record Summary(string Status, int Ready, int Total, long Restarts, DateTimeOffset? LastRestart);

    internal static Summary Summarize(JsonObject pod)
    {
        var spec = pod.GetObject("spec") ?? [];
        var status = pod.GetObject("status") ?? [];
        var phase = status.GetString("phase") ?? "";
        var state = new Tally { Status = status.GetString("reason") is { Length: > 0 } reason ? reason : phase };
        if (status.GetObjects("conditions").Any(c => c.GetString("type") == "PodScheduled" && c.GetString("reason") == "SchedulingGated")) state.Status = "SchedulingGated";

        var initContainers = spec.GetObjects("initContainers").ToList();
        var sidecars = initContainers.Where(c => c.GetString("restartPolicy") == "Always").Select(c => c.GetString("name")).ToHashSet();
        var total = spec.GetObjects("containers").Count() + sidecars.Count;

        var sidecarState = new Tally();
        var initializing = false;
        var index = 0;
        foreach (var container in status.GetObjects("initContainerStatuses"))
        {
            var isSidecar = sidecars.Contains(container.GetString("name"));
            state.CountRestarts(container);
            if (isSidecar) sidecarState.CountRestarts(container);
            if (InitState(container, isSidecar, index, initContainers.Count, ref state.Ready) is { } shown)
            {
                state.Status = shown;
                initializing = true;
                break;
            }
            index++;
        }

        if (!initializing || HasTrueCondition(status, "Initialized"))
        {
            state.Restarts = sidecarState.Restarts;
            state.LastRestart = sidecarState.LastRestart;
            CountContainers(status, ref state);
        }

        if (pod.At("metadata", "deletionTimestamp") is not null)
        {
            if (status.GetString("reason") == "NodeLost") state.Status = "Unknown";
            else if (phase is not ("Succeeded" or "Failed")) state.Status = "Terminating";
        }
        return new Summary(state.Status, state.Ready, total, state.Restarts, state.LastRestart);
    }

    /// <summary>What to show when this init container isn't done; null when it is.</summary>
    private static string? InitState(JsonObject container, bool isSidecar, int index, int count, ref int ready)
    {
        var terminated = container.At("state", "terminated") as JsonObject;
        var waiting = container.TextAt("state", "waiting", "reason") ?? "";
        if (terminated is not null && (terminated.GetInteger("exitCode") ?? 0) == 0) return null;
        if (isSidecar && container.GetBoolean("started") == true)
        {
            if (container.GetBoolean("ready") == true) ready++;
            return null;
        }
        if (terminated is not null) return "Init:" + Reason(terminated);
        return waiting.Length > 0 && waiting != "PodInitializing" ? "Init:" + waiting : $"Init:{index}/{count}";
    }

    private static void CountContainers(JsonObject status, ref Tally state)
    {
        var running = false;
        var failure = "";
        foreach (var container in status.GetObjects("containerStatuses").Reverse())
        {
            state.CountRestarts(container);
            var waiting = container.TextAt("state", "waiting", "reason") ?? "";
            if (waiting.Length > 0) state.Status = waiting;
            else if (container.At("state", "terminated") is JsonObject terminated)
            {
                state.Status = Reason(terminated);
                if ((terminated.GetInteger("exitCode") ?? 0) != 0) failure = state.Status;
            }
            else if (container.GetBoolean("ready") == true && container.At("state", "running") is not null)
            {
                running = true;
                state.Ready++;
            }
        }
        // One container that still runs counts for more than one that is done.
        if (state.Status != "Completed") return;
        if (running && HasTrueCondition(status, "Ready")) state.Status = "Running";
        else if (failure.Length > 0) state.Status = failure;
        else if (running) state.Status = "NotReady";
    }

    private static string Reason(JsonObject terminated)
    {
        if (terminated.GetString("reason") is { Length: > 0 } reason) return reason;
        return terminated.GetInteger("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{terminated.GetInteger("exitCode") ?? 0}";
    }

    private static bool HasTrueCondition(JsonObject status, string type) =>
        status.GetObjects("conditions").Any(c => c.GetString("type") == type && c.GetString("status") == "True");

    private static string ReadinessGates(JsonObject pod)
    {
        var gates = pod.GetObject("spec").GetObjects("readinessGates").ToList();
        if (gates.Count == 0) return "<none>";
        var open = gates.Count(g => HasTrueCondition(pod.GetObject("status") ?? [], g.GetString("conditionType") ?? ""));
        return $"{open}/{gates.Count}";
    }

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    private struct Tally
    {
        public string Status = "";
        public int Ready;
        public long Restarts;
        public DateTimeOffset? LastRestart;

        public Tally()
        {
        }

        public void CountRestarts(JsonObject container)
        {
            Restarts += container.GetInteger("restartCount") ?? 0;
            if (ObjectMetadata.ParseTime(container.TextAt("lastState", "terminated", "finishedAt")) is { } finished && (LastRestart is null || finished > LastRestart))
            {
                LastRestart = finished;
            }
        }
    }
}
