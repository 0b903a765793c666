using ActorCluster.Network.Addresses;
using ActorCluster.Network.Capturing;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Forwarding;

/// <summary>Captures: what pods send and get, told to who asked.</summary>
public sealed partial class NodeNetworkActor
{
    /// <summary>Null while nobody captures, which is what each packet is checked against.</summary>
    private List<StartCapture>? _captures;

    private void OnStartCapture(StartCapture start)
    {
        (_captures ??= []).Add(start);
        Sender.Tell(start, Self);
    }

    private void OnStopCapture(StopCapture stop)
    {
        _captures?.RemoveAll(capture => capture.Sink == stop.Sink);
        if (_captures is { Count: 0 }) _captures = null;
    }

    /// <summary>A packet that came to the node: a pod's of this node, if it has such an address.</summary>
    private void CaptureSent(Packet packet) => CaptureSent(packet, Nanoseconds, null);

    private void CaptureSent(Packet packet, long at, string? note) => Capture(packet.Source, packet, isInbound: false, at, note);

    private void CaptureReceived(Packet packet) => Capture(packet.Destination, packet, isInbound: true, Nanoseconds, null);

    /// <summary>Since 1970.</summary>
    private long Nanoseconds => (_options.Simulation.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private void Capture(IpAddress end, Packet packet, bool isInbound, long at, string? note)
    {
        if (_forwarding.NameAt(end) is not { } pod) return;
        foreach (var capture in _captures!)
            if (capture.Pods.IsEmpty || capture.Pods.Contains(pod)) capture.Sink(new(at, pod, isInbound, packet, note));
    }
}
