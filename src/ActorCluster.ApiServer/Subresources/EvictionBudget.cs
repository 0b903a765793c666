using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>Whether a disruption budget allows a pod's eviction (checkAndDecrement and around in pkg/registry/core/pod/storage/eviction.go). Pure.</summary>
internal static class EvictionBudget
{
    private const string Refusal = "Cannot evict pod as it would violate the pod's disruption budget.";
    private const string Cause = "DisruptionBudget";
    private const int RetryAfterSeconds = 10;

    /// <summary>So many evictions that the controller hasn't seen yet are too many.</summary>
    private const int MostDisruptedPods = 2000;
    private static readonly ResourceName Budgets = new("policy", "poddisruptionbudget");

    /// <summary>Pods that don't run yet, or no longer, or that are on their way out: evicting them disrupts nothing.</summary>
    public static bool IsIgnoredBy(JsonObject pod) =>
        pod.TextAt("status", "phase") is "Succeeded" or "Failed" or "Pending" || ObjectMetadata.Of(pod).IsDeleting;

    /// <summary>Whether what <see cref="IsIgnoredBy"/> says may change.</summary>
    public static bool MayBecomeHealthy(JsonObject pod) => pod.TextAt("status", "phase") == "Pending" && !ObjectMetadata.Of(pod).IsDeleting;

    /// <summary>Whether the pod, not being ready, may go without taking anything from the budget.</summary>
    public static bool AllowsUnhealthy(JsonObject pod, JsonObject budget)
    {
        if (IsReady(pod)) return false;
        if (budget.TextAt("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow") return true;
        var (healthy, desired) = Health(budget);
        return healthy >= desired && desired > 0;
    }

    /// <summary>Takes one disruption from the budget, and notes the pod for the controller.</summary>
    /// <exception cref="StatusException">It has none left, or nobody knows (429).</exception>
    public static void Take(JsonObject budget, string pod, string now)
    {
        var metadata = ObjectMetadata.Of(budget);
        var name = metadata.Name;
        var status = budget.Ensure("status");
        if ((status.GetInteger("observedGeneration") ?? 0) < metadata.Generation)
        {
            throw StatusException.TooManyRequests(Refusal, RetryAfterSeconds, Cause, $"The disruption budget {name} is still being processed by the server.");
        }

        var allowed = status.GetInteger("disruptionsAllowed") ?? 0;
        if (allowed < 0) throw StatusException.Forbidden(Budgets, name, "pdb disruptions allowed is negative");
        if (status.GetObject("disruptedPods")?.Count > MostDisruptedPods)
        {
            throw StatusException.Forbidden(Budgets, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (allowed == 0) throw StatusException.TooManyRequests(Refusal, 0, Cause, WhyNot(budget, name));
        status["disruptionsAllowed"] = allowed - 1;
        if (allowed == 1) SetInsufficient(status, now);
        status.Ensure("disruptedPods")[pod] = now;
    }

    private static bool IsReady(JsonObject pod) =>
        pod.GetObject("status").GetObjects("conditions").Any(c => c.GetString("type") == "Ready" && c.GetString("status") == "True");

    private static (long Healthy, long Desired) Health(JsonObject budget) =>
        (budget.IntegerAt("status", "currentHealthy") ?? 0, budget.IntegerAt("status", "desiredHealthy") ?? 0);

    private static string WhyNot(JsonObject budget, string name)
    {
        var (healthy, desired) = Health(budget);
        var refused = Condition(budget.GetObject("status")) is { } condition && condition.GetString("status") == "False" && condition.GetString("message") is { Length: > 0 }
            ? condition
            : null;
        if (refused?.GetString("reason") == "SyncFailed")
        {
            return $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {refused.GetString("message")}";
        }
        if (healthy <= desired) return $"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently";
        var start = $"The disruption budget {name} does not allow evicting pods currently";
        return refused is null ? start : $"{start} ({refused.GetString("reason")}): {refused.GetString("message")}";
    }

    private static void SetInsufficient(JsonObject status, string now)
    {
        if (status.GetArray("conditions") is not { } conditions) status["conditions"] = conditions = [];
        var condition = Condition(status);
        if (condition is null) conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = "DisruptionAllowed" }));
        if (condition.GetString("status") != "False") condition["lastTransitionTime"] = now;
        condition["status"] = "False";
        condition["reason"] = "InsufficientPods";
        condition["message"] = "";
        condition.Put("observedGeneration", status["observedGeneration"]?.DeepClone());
    }

    private static JsonObject? Condition(JsonObject? status) => status.GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == "DisruptionAllowed");
}
