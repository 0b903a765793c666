using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>The API objects that pods refer to, as of now.</summary>
internal interface IPodObjects
{
    V1ConfigMap? ConfigMap(string ns, string name);
    V1Secret? Secret(string ns, string name);

    /// <summary>The variables of <see cref="ServiceEnvironment"/>.</summary>
    IReadOnlyDictionary<string, string> ServiceVariables(string ns, bool enableServiceLinks);
}
