using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;
using WatchEventType = ActorCluster.Contracts.Client.WatchEventType;

namespace ActorCluster.Network.Tests.Tables;

/// <summary>An API that lists what it was given, and watches what comes later.</summary>
internal sealed class ListedApi : IApiClient
{
    private readonly Dictionary<string, List<IKubernetesObject<V1ObjectMeta>>> _objects = [];
    private readonly Dictionary<string, Channel<WatchEvent>> _watches = [];
    private int _version = 1;

    /// <summary>The plurals of what somebody follows.</summary>
    public IReadOnlyList<string> Watched
    {
        get
        {
            lock (_objects) return [.. _watches.Keys];
        }
    }

    public void Add<T>(T item) where T : IKubernetesObject<V1ObjectMeta>
    {
        lock (_objects)
        {
            item.Metadata.ResourceVersion = $"{++_version}";
            Objects(Plural<T>()).Add(item);
            if (_watches.TryGetValue(Plural<T>(), out var watch))
                watch.Writer.TryWrite(new(WatchEventType.Added, Encoding.UTF8.GetBytes(KubernetesJson.Serialize(item))));
        }
    }

    public Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken = default)
    {
        lock (_objects)
        {
            request.Verb.ShouldBe(ApiVerb.List);
            var items = string.Join(',', Objects(request.Resource.Plural).Select(item => KubernetesJson.Serialize(item)));
            return Task.FromResult(new ApiResponse(200, Encoding.UTF8.GetBytes($$"""{"metadata":{"resourceVersion":"{{_version}}"},"items":[{{items}}]}"""), []));
        }
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Channel<WatchEvent> watch;
        lock (_objects)
        {
            watch = _watches[request.Resource.Plural] = Channel.CreateUnbounded<WatchEvent>();
            foreach (var item in Objects(request.Resource.Plural).Where(item => int.Parse(item.Metadata.ResourceVersion, null) > int.Parse(request.ResourceVersion!, null)))
                watch.Writer.TryWrite(new(WatchEventType.Added, Encoding.UTF8.GetBytes(KubernetesJson.Serialize(item))));
        }
        await foreach (var change in watch.Reader.ReadAllAsync(cancellationToken)) yield return change;
    }

    private List<IKubernetesObject<V1ObjectMeta>> Objects(string plural)
    {
        if (!_objects.TryGetValue(plural, out var list)) _objects.Add(plural, list = []);
        return list;
    }

    private static string Plural<T>() => ((KubernetesEntityAttribute)Attribute.GetCustomAttribute(typeof(T), typeof(KubernetesEntityAttribute))!).PluralName;
}
