using ActorCluster.Benchmarks.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorCluster.Benchmarks;

/// <summary>What this program does when a benchmark starts it as the other process.</summary>
internal static class PeerRoles
{
    public static async Task<int> RunAsync(string role, string[] arguments)
    {
        switch (role)
        {
            case "bare-aspnet": await RunBareAspNetAsync(); return 0;
            case Network.LinkPeer.Role: await Network.LinkPeer.RunAsync(arguments[0]); return 0;
            case Http.HttpPeer.Role: await Http.HttpPeer.RunAsync(arguments[0]); return 0;
            case Pods.IdlePods.Role: await Pods.IdlePods.RunAsync(arguments[0]); return 0;
            case Api.Watchers.Role: await Api.Watchers.RunAsync(arguments[0], arguments[1], arguments[2], arguments[3]); return 0;
            case Api.CreateServer.Role: await Api.CreateServer.RunAsync(arguments[0]); return 0;
            case Api.LargeStore.FillRole: await Api.LargeStore.FillAsync(arguments[0], arguments[1]); return 0;
            case Api.LargeStore.ServeRole: await Api.LargeStore.ServeAsync(arguments[0]); return 0;
            case Api.LargeStore.ReadRole: await Api.LargeStore.ReadAsync(arguments[0]); return 0;
            default: throw new ArgumentException($"There is no peer role '{role}' ({string.Join(' ', arguments)}).");
        }
    }

    /// <summary>The yardstick for start-up: the least that an ASP.NET process does before it serves.</summary>
    private static async Task RunBareAspNetAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/", () => Results.Text("ok"));
        await app.StartAsync();
        await ChildProcess.ReadyAsync(new Uri(app.Urls.First()).Port);
        await app.StopAsync();
    }
}
