using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Tests.Faults;

/// <summary>A fault path in virtual time: what comes out of it, and when.</summary>
internal sealed class FaultWorld : IFaultSink
{
    public static readonly IpAddress Client = IpAddress.Parse("10.244.1.2");
    public static readonly IpAddress Other = IpAddress.Parse("10.244.1.3");
    public static readonly IpAddress Server = IpAddress.Parse("10.244.2.2");
    public static readonly IpAddress Service = IpAddress.Parse("10.96.0.50");

    private readonly FaultPath _path;

    public FaultWorld(int seed, params Fault[] faults)
    {
        _path = new(new RandomSource(seed), this);
        Replace(faults);
    }

    /// <summary>Ticks.</summary>
    public long Now { get; private set; }

    public List<(long At, Packet Packet)> Carried { get; } = [];
    public List<Packet> Lost { get; } = [];
    public List<string> Notes { get; } = [];
    public bool IsIdle => _path.IsIdle;

    public IEnumerable<int> Numbers => Carried.Select(carried => Number(carried.Packet));
    public IEnumerable<double> Milliseconds => Carried.Select(carried => TimeSpan.FromTicks(carried.At).TotalMilliseconds);

    public static Fault From(FaultEffects effects, FaultDirection direction = FaultDirection.To, string name = "f") => new(name, Ends(Client), Ends(Server), direction, effects);

    public static FaultEnds Ends(params IpAddress[] addresses) => new FaultEnds.Networks([.. addresses.Select(address => new IpNetwork(address, 32))]);

    public static UdpPacket Datagram(int number, IpAddress? from = null, IpAddress? to = null, int size = 0) =>
        new(from ?? Client, to ?? Server, (ushort)number, 53, new byte[size]);

    public static int Number(Packet packet) => ((UdpPacket)packet).SourcePort;

    public void Replace(params Fault[] faults)
    {
        var builder = new FaultTablesBuilder();
        foreach (var fault in faults) builder.Set(fault);
        _path.Replace(builder.Build(Network.Tables.NetworkTables.Empty, true), Now);
    }

    /// <returns>False: no fault befell it.</returns>
    public bool Send(Packet packet, IpAddress? receiver = null)
    {
        _path.Release(Now);
        var verdict = new Verdict(Fate.DeliverToPod, Reason.LocalPod, receiver is { } other ? packet with { Destination = other } : packet);
        return _path.TryTake(verdict, packet, Now, Notes);
    }

    public void SendAll(int count, TimeSpan apart = default, int size = 0)
    {
        for (var i = 0; i < count; i++)
        {
            Send(Datagram(i, size: size)).ShouldBeTrue();
            Advance(apart);
        }
    }

    /// <summary>Moves time on, in steps of what is due.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Now + time.Ticks;
        while (_path.NextDue is { } due && due <= end)
        {
            Now = Math.Max(Now, due);
            _path.Release(Now);
        }
        Now = end;
    }

    public void Finish() => Advance(TimeSpan.FromDays(1));

    void IFaultSink.Carry(Packet sent, in Verdict verdict) => Carried.Add((Now, verdict.Packet));

    void IFaultSink.Lose(Packet sent, in Verdict verdict, string why) => Lost.Add(verdict.Packet);
}
