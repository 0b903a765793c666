using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Authentication;

/// <summary>Who a client is, as its certificate or its token says (authentication.k8s.io/v1, UserInfo).</summary>
internal sealed record ClientIdentity(string User, IReadOnlyList<string> Groups)
{
    private const string Authenticated = "system:authenticated";

    private RequestUser? _details;

    /// <summary>"" for users that are no objects of the cluster.</summary>
    public string Uid { get; init; } = "";

    public IReadOnlyList<(string Key, string Value)> Extra { get; init; } = [];

    /// <summary>All groups, with the one that everybody who is known belongs to.</summary>
    public IEnumerable<string> AllGroups => Groups.Append(Authenticated).Distinct();

    /// <summary>Made once: a connection's requests are all the same client's.</summary>
    public RequestUser Details => _details ??= new(Uid, [.. AllGroups], Extra);

    /// <summary>With the group that everybody who is known belongs to.</summary>
    public JsonObject ToUserInfo()
    {
        var info = new JsonObject { ["username"] = User };
        if (Uid.Length > 0) info["uid"] = Uid;
        info["groups"] = JsonDocuments.ArrayOf([.. AllGroups]);
        if (Extra.Count > 0)
        {
            var extra = new JsonObject();
            foreach (var (key, value) in Extra.OrderBy(entry => entry.Key, StringComparer.Ordinal)) extra[key] = JsonDocuments.ArrayOf(value);
            info["extra"] = extra;
        }
        return info;
    }
}
