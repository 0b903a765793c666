using System.Globalization;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>Numbers that may be a share of something (GetScaledValueFromIntOrPercent in apimachinery/pkg/util/intstr).</summary>
internal static class CountOrPercent
{
    /// <summary>A count, or a percentage of <paramref name="total"/> rounded up or down; nothing is 0.</summary>
    public static int Of(IntOrString? value, int total, bool roundUp)
    {
        if (value?.Value is not { } text) return 0;
        if (!text.EndsWith('%')) return int.Parse(text, CultureInfo.InvariantCulture);
        var exact = double.Parse(text[..^1], CultureInfo.InvariantCulture) * total / 100;
        return (int)(roundUp ? Math.Ceiling(exact) : Math.Floor(exact));
    }
}
