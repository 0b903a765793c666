using ActorCluster.Host.Logging;

namespace ActorCluster.Host.Tests.Logging;

public sealed class RemoteRepeatsTests
{
    private const string Other = "akka.tcp://actorcluster@127.0.0.1:27275";
    private const string Tried = $"Tried to associate with unreachable remote address [{Other}]. Reason: [refused]\n   at somewhere";

    private readonly RemoteRepeats _repeats = new();
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void What_only_repeats_itself_about_another_process_is_said_once()
    {
        Offer("remoting", Tried).ShouldBe(0);
        for (var i = 0; i < 100; i++) Offer("remoting", Tried).ShouldBeNull();
    }

    [Fact]
    public void Actors_of_one_kind_that_differ_by_their_number_say_the_same()
    {
        Offer("/system/endpointManager/writer-1", $"Removing receive buffers for [akka.tcp://actorcluster@127.0.0.1:1]->[{Other}]").ShouldBe(0);
        Offer("/system/endpointManager/writer-2", $"Removing receive buffers for [akka.tcp://actorcluster@127.0.0.1:1]->[{Other}]").ShouldBeNull();
    }

    [Fact]
    public void Another_reason_and_another_process_are_news()
    {
        Offer("remoting", Tried).ShouldBe(0);
        Offer("remoting", Tried.Replace("refused", "reset", StringComparison.Ordinal)).ShouldBe(0);
        Offer("remoting", Tried.Replace("27275", "27276", StringComparison.Ordinal)).ShouldBe(0);
        Offer("remoting", Tried).ShouldBeNull();
    }

    [Fact]
    public void After_a_change_with_the_process_all_is_said_again_and_what_was_left_out_is_counted()
    {
        Offer("remoting", Tried);
        Offer("remoting", Tried);
        Offer("remoting", Tried);

        Offer("/user/membership", $"{Other} is reachable").ShouldBe(2);

        Offer("remoting", Tried).ShouldBe(0);
    }

    [Fact]
    public void What_was_silent_for_a_while_is_said_again()
    {
        Offer("remoting", Tried);
        Offer("remoting", Tried);
        _now += RemoteRepeats.Silence;

        Offer("remoting", Tried).ShouldBe(1);
    }

    [Fact]
    public void What_names_no_other_process_and_what_our_own_actors_say_is_never_left_out()
    {
        for (var i = 0; i < 3; i++)
        {
            Offer("/system/log", "something went wrong").ShouldBe(0);
            Offer("/user/membership", $"{Other} is not reachable").ShouldBe(0);
        }
    }

    private int? Offer(string source, string message) => _repeats.Offer("WARN", source, message, _now += TimeSpan.FromMilliseconds(300));
}
