using System.Globalization;
using System.Text;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.ManagedFields;

/// <summary>What managers are called, and may be called.</summary>
public static class ManagerNames
{
    /// <summary>In bytes (apimachinery/pkg/apis/meta/v1/validation).</summary>
    public const int Longest = 128;
    private const string Unknown = "unknown";
    private const string ServiceAccount = "system:serviceaccount:";

    /// <summary>Of a client that doesn't say: its program's name, which stands before the slash of its User-Agent.</summary>
    public static string OfUserAgent(string? userAgent)
    {
        var name = new StringBuilder();
        var bytes = 0;
        foreach (var rune in (userAgent ?? "").Split('/')[0].EnumerateRunes())
        {
            if (!IsPrintable(rune)) continue;
            bytes += rune.Utf8SequenceLength;
            if (bytes > Longest) break;
            name.Append(rune.ToString());
        }
        return name.Length == 0 ? Unknown : name.ToString();
    }

    /// <summary>Of a part of the cluster that doesn't say: the component that it belongs to in a cluster elsewhere.</summary>
    public static string OfUser(string user)
    {
        if (user.StartsWith("system:node:", StringComparison.Ordinal)) return "kubelet";
        if (user.StartsWith(ServiceAccount, StringComparison.Ordinal))
        {
            var parts = user[ServiceAccount.Length..].Split(':');
            return parts[0] == "kube-system" ? "kube-controller-manager" : parts[^1];
        }
        var name = user[(user.LastIndexOf(':') + 1)..];
        return name.Length == 0 ? Unknown : name == "apiserver" ? "kube-apiserver" : name;
    }

    public static void Validate(string manager, string path, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(manager) > Longest) errors.TooLong(path, Longest);
        var position = 0;
        foreach (var rune in manager.EnumerateRunes())
        {
            if (!IsPrintable(rune)) errors.Invalid(path, manager, string.Create(CultureInfo.InvariantCulture, $"invalid character U+{rune.Value:X4} (at position {position})"));
            position += rune.Utf8SequenceLength;
        }
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
