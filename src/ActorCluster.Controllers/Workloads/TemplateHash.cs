using System.Globalization;
using System.Text;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>The hash that tells pods of one template from those of another: short, and made of letters that form no words (ComputeHash in pkg/controller/controller_utils.go;
/// the bytes that are hashed are our own, as upstream hashes Go's representation).</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(V1PodTemplateSpec template, int? collisionCount)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(CanonicalJson.Of(template))) hash = (hash ^ b) * 16777619u;
        if (collisionCount is { } count)
        {
            for (var shift = 0; shift < 64; shift += 8) hash = (hash ^ (byte)((ulong)(uint)count >> shift)) * 16777619u;
        }

        return string.Concat(hash.ToString(CultureInfo.InvariantCulture).Select(digit => Alphabet[digit % Alphabet.Length]));
    }

    /// <summary>The name of what a workload makes for a template, cut so that it stays a DNS subdomain (253 characters).</summary>
    public static string NameOf(string workload, string hash)
    {
        var longest = 253 - 1 - hash.Length;
        return $"{(workload.Length > longest ? workload[..longest] : workload)}-{hash}";
    }
}
