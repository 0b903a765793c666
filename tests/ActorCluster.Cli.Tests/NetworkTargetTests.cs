using ActorCluster.Cli.Commands.Network;

namespace ActorCluster.Cli.Tests;

public sealed class NetworkTargetTests
{
    [Theory]
    [InlineData("pod/a", TargetKind.Pod, null, "a", "")]
    [InlineData("po/x/a.b-0:8080", TargetKind.Pod, "x", "a.b-0", "8080")]
    [InlineData("svc/web:http", TargetKind.Service, null, "web", "http")]
    [InlineData("service/shop/web", TargetKind.Service, "shop", "web", "")]
    [InlineData("10.96.0.10:53", TargetKind.Address, null, "10.96.0.10", "53")]
    [InlineData("10.96.0.10", TargetKind.Address, null, "10.96.0.10", "")]
    [InlineData("node/worker-1:30080", TargetKind.Node, null, "worker-1", "30080")]
    [InlineData("web", TargetKind.Name, null, "web", "")]
    [InlineData("web.shop:80", TargetKind.Name, null, "web.shop", "80")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local.", TargetKind.Name, null, "_http._tcp.web.shop.svc.cluster.local.", "")]
    [InlineData("[fd00::1]:53", TargetKind.Address, null, "fd00::1", "53")]
    internal void A_target_is_read(string text, TargetKind kind, string? ns, string name, string port) =>
        NetworkTarget.Parse(text).ShouldBe(new NetworkTarget(kind, ns, name, port));

    [Theory]
    [InlineData("")]
    [InlineData("web:http")]
    [InlineData("web:0")]
    [InlineData("web..shop:80")]
    [InlineData("10.96.0.300:53")]
    [InlineData("node/x/worker-1")]
    [InlineData("node/worker-1:http")]
    [InlineData("deploy/web:80")]
    [InlineData("pod/")]
    [InlineData("pod/a:")]
    [InlineData("pod/a:http")]
    [InlineData("pod/a:70000")]
    [InlineData("pod/a/b/c")]
    public void What_is_no_target_is_refused(string text) => NetworkTarget.Parse(text).ShouldBeNull();
}
