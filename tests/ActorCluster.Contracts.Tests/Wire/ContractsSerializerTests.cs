using System.Runtime.Serialization;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Wire;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorCluster.Contracts.Tests.Wire;

public sealed class ContractsSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystems.Serializing();
    private readonly ContractsSerializer _serializer;

    public ContractsSerializerTests() => _serializer = new ContractsSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Terminate();

    [Property(MaxTest = 2_000)]
    public Property Every_message_comes_back_as_it_was_sent() => Prop.ForAll(Arb.From(Generators.Message), message =>
    {
        var back = _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));
        Describing.All(back).ShouldBe(Describing.All(message));
    });

    [Property(MaxTest = 3_000)]
    public Property Damaged_bytes_give_a_message_or_a_clear_error_and_nothing_else() =>
        Prop.ForAll(Arb.From(from message in Generators.Message from seed in Gen.Choose(0, int.MaxValue) select (message, seed)), damaged =>
        {
            var random = new RandomSource(damaged.seed);
            var bytes = Damage(_serializer.ToBinary(damaged.message), random);
            try
            {
                Describing.All(_serializer.FromBinary(bytes, _serializer.Manifest(damaged.message))).ShouldNotBeEmpty();
            }
            catch (SerializationException clear)
            {
                clear.Message.ShouldContain("Damaged bytes");
            }
        });

    [Fact]
    public void A_length_that_cannot_be_true_allocates_nothing()
    {
        byte[] lie = [0, 0, 2, 0, 0xff, 0xff, 0xff, 0xff, 0x0f];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<SerializationException>(() => _serializer.FromBinary(lie, "fg")).Message.ShouldContain("length");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000_000);
    }

    [Fact]
    public void Trailing_bytes_and_unknown_manifests_are_refused()
    {
        Should.Throw<SerializationException>(() => _serializer.FromBinary([2, 8, 0], "sf")).Message.ShouldContain("too many");
        Should.Throw<SerializationException>(() => _serializer.FromBinary([], "zz")).Message.ShouldContain("zz");
    }

    [Fact]
    public void The_configuration_binds_every_message_to_this_serializer()
    {
        foreach (var message in Generators.Message.Sample(200))
            _system.Serialization.FindSerializerFor(message).ShouldBeOfType<ContractsSerializer>();
    }

    private static byte[] Damage(byte[] bytes, RandomSource random)
    {
        if (bytes.Length == 0) return bytes;
        switch (random.Next(3))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (var i = 1 + random.Next(4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            default:
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
        }
    }
}
