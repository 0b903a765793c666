using System.Globalization;
using System.Text;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>The pod-template-hash: short, and made of letters that form no words (ComputeHash in pkg/controller/controller_utils.go;
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

    /// <summary>The replica set's name, cut so that it stays a DNS subdomain (253 characters).</summary>
    public static string NameOf(string deployment, string hash)
    {
        var longest = 253 - 1 - hash.Length;
        return $"{(deployment.Length > longest ? deployment[..longest] : deployment)}-{hash}";
    }
}
