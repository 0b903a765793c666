using System.Text.Json.Nodes;

namespace ActorCluster.Api.Tests.Support;

/// <summary>Makes JSON objects out of random bytes, small ones with few names, so that two of them have something in common.</summary>
internal static class Trees
{
    public static JsonObject From(byte[] bytes, bool nulls)
    {
        var root = new JsonObject();
        var path = new Stack<JsonObject>([root]);
        foreach (var b in bytes)
        {
            var name = ((char)('a' + b % 3)).ToString();
            switch (b / 3 % 7)
            {
                case 0:
                    path.Peek()[name] = b;
                    break;
                case 1:
                    path.Peek()[name] = "text" + b % 5;
                    break;
                case 2 or 3:
                    var inner = new JsonObject();
                    path.Peek()[name] = inner;
                    path.Push(inner);
                    break;
                case 4:
                    path.Peek()[name] = new JsonArray(b % 2, "x");
                    break;
                case 5 when nulls:
                    path.Peek()[name] = null;
                    break;
                default:
                    if (path.Count > 1) path.Pop();
                    break;
            }
        }
        return root;
    }
}
