using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Store;

namespace ActorCluster.ApiServer.Tests.Watching;

public class WatchSpecs
{
    private static readonly ResourceName ConfigMaps = new("", "configmaps");

    private static string Labelled(string name, string label) => Manifests.ConfigMap(name, metadata: $", labels: {{show: {label}}}");

    [Fact]
    public async Task Without_a_revision_a_watch_begins_with_what_is_there()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default"));

        await watch.ExpectAsync(WatchEventType.Added, "a");
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("b"));
        await watch.ExpectAsync(WatchEventType.Added, "b");
        TestApi.Good(await api.PatchAsync("configmaps", "b", """{"data":{"x":"y"}}"""));
        await watch.ExpectAsync(WatchEventType.Modified, "b");
    }

    [Fact]
    public async Task From_a_revision_a_watch_replays_what_came_after_it()
    {
        await using var api = await TestApi.StartAsync();
        var a = await api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("b"));
        TestApi.Good(await api.DeleteAsync("configmaps", "a"));

        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", a.TextAt("metadata", "resourceVersion")));

        var b = await watch.ExpectAsync(WatchEventType.Added, "b");
        var gone = await watch.ExpectAsync(WatchEventType.Deleted, "a");
        long.Parse(gone.TextAt("metadata", "resourceVersion")!).ShouldBeGreaterThan(long.Parse(b.TextAt("metadata", "resourceVersion")!));
    }

    [Fact]
    public async Task What_leaves_the_selection_is_deleted_for_the_watcher_and_what_enters_it_added()
    {
        await using var api = await TestApi.StartAsync();
        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", LabelSelector: "show=yes"));
        await api.CreatedAsync("configmaps", Labelled("a", "'yes'"));
        await watch.ExpectAsync(WatchEventType.Added, "a");

        var hidden = TestApi.Good(await api.PatchAsync("configmaps", "a", """{"metadata":{"labels":{"show":"no"}}}"""));
        var gone = await watch.ExpectAsync(WatchEventType.Deleted, "a");
        gone.TextAt("metadata", "resourceVersion").ShouldBe(hidden.TextAt("metadata", "resourceVersion"));
        gone.TextAt("metadata", "labels", "show").ShouldBe("yes");

        TestApi.Good(await api.PatchAsync("configmaps", "a", """{"data":{"still":"hidden"}}"""));
        TestApi.Good(await api.PatchAsync("configmaps", "a", """{"metadata":{"labels":{"show":"yes"}}}"""));
        await watch.ExpectAsync(WatchEventType.Added, "a");
        TestApi.Good(await api.DeleteAsync("configmaps", "a"));
        await watch.ExpectAsync(WatchEventType.Deleted, "a");
    }

    [Fact]
    public async Task A_streamed_list_ends_with_an_annotated_bookmark()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", AllowBookmarks: true, SendInitialEvents: true));

        await watch.ExpectAsync(WatchEventType.Added, "a");
        var bookmark = await watch.ExpectAsync(WatchEventType.Bookmark, null);
        bookmark.TextAt("metadata", "annotations", "k8s.io/initial-events-end").ShouldBe("true");
        bookmark.GetString("kind").ShouldBe("ConfigMap");
    }

    [Fact]
    public async Task A_quiet_watch_gets_a_bookmark_each_minute()
    {
        await using var api = await TestApi.StartAsync();
        var a = await api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", a.TextAt("metadata", "resourceVersion"), AllowBookmarks: true));
        await watch.WaitUntilIdleAsync();

        api.Clock.Advance(TimeSpan.FromMinutes(1));

        var bookmark = await watch.ExpectAsync(WatchEventType.Bookmark, null);
        bookmark.TextAt("metadata", "resourceVersion").ShouldBe(a.TextAt("metadata", "resourceVersion"));
    }

    [Fact]
    public async Task A_revision_that_is_forgotten_is_gone()
    {
        await using var api = await TestApi.StartAsync(new StoreOptions { HistoryMinimum = 1, HistoryMaximum = 4 });
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        for (var i = 0; i < 20; i++) TestApi.Good(await api.PatchAsync("configmaps", "a", $$$"""{"data":{"i":"{{{i}}}"}}"""));

        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", "1"));

        var status = await watch.ExpectAsync(WatchEventType.Error, null);
        status.GetInteger("code").ShouldBe(410);
        status.GetString("reason").ShouldBe("Expired");
        status.GetString("message")!.ShouldStartWith("too old resource version: 1 (");
    }

    [Fact]
    public async Task A_watch_with_a_bad_selector_is_an_error_event()
    {
        await using var api = await TestApi.StartAsync();
        await using var watch = new Watcher(api, new WatchRequest(ConfigMaps, "default", LabelSelector: "a=b=c"));

        (await watch.ExpectAsync(WatchEventType.Error, null)).GetInteger("code").ShouldBe(400);
    }

    private sealed class Watcher(TestApi api, WatchRequest request) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ending = new();
        private IAsyncEnumerator<WatchEvent>? _events;
        private Task<bool>? _next;

        /// <summary>Returns once the watch waits for something to happen.</summary>
        public async Task WaitUntilIdleAsync()
        {
            _events ??= api.Pipeline.WatchAsync(request, _ending.Token).GetAsyncEnumerator(_ending.Token);
            _next ??= _events.MoveNextAsync().AsTask();
            await Task.Yield();
            _next.IsCompleted.ShouldBeFalse();
        }

        public async Task<JsonObject> ExpectAsync(WatchEventType type, string? name)
        {
            _events ??= api.Pipeline.WatchAsync(request, _ending.Token).GetAsyncEnumerator(_ending.Token);
            var moved = await (_next ?? _events.MoveNextAsync().AsTask()).WaitAsync(TimeSpan.FromSeconds(60));
            _next = null;
            moved.ShouldBeTrue();
            _events.Current.Type.ShouldBe(type);
            var body = (JsonObject)JsonNode.Parse(_events.Current.Object.Span)!;
            if (name is not null) body.TextAt("metadata", "name").ShouldBe(name);
            return body;
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            if (_next is not null) await _next.ContinueWith(_ => { }, TaskScheduler.Default);
            if (_events is not null) await _events.DisposeAsync();
            _ending.Dispose();
        }
    }
}
