using System.Collections.Concurrent;
using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Stack;

namespace ActorCluster.Containers.Tests.Programs;

/// <summary>Pods on one wire: real network namespaces whose packets reach each other in order, and nothing else in between.</summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    private readonly ConcurrentDictionary<IpAddress, NetworkNamespace> _pods = new();
    private readonly Channel<Packet> _wire = Channel.CreateUnbounded<Packet>();
    private readonly SimulationContext _simulation;
    private readonly Task _carrying;

    public TestNetwork(SimulationContext? simulation = null)
    {
        _simulation = simulation ?? SimulationContext.RealTime(3);
        _carrying = Task.Run(CarryAsync);
    }

    public NetworkNamespace Add(params string[] addresses)
    {
        IpAddress[] parsed = [.. addresses.Select(IpAddress.Parse)];
        var pod = new NetworkNamespace(
            new NetworkNamespaceOptions { Name = $"default/pod-{addresses[0]}", Addresses = [.. parsed] }, _simulation, packet => _wire.Writer.TryWrite(packet));
        foreach (var address in parsed) _pods[address] = pod;
        return pod;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods.Values) pod.Dispose();
        _wire.Writer.TryComplete();
        await _carrying;
    }

    private async Task CarryAsync()
    {
        await foreach (var packet in _wire.Reader.ReadAllAsync())
        {
            // Where there is no pod, packets vanish, as on a wire.
            if (_pods.TryGetValue(packet.Destination, out var pod)) pod.Receive(packet);
        }
    }
}
