using ActorCluster.Network.Timing;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Timing;

public class SlotListSpecs
{
    [Property(MaxTest = 100)]
    public void Values_stay_in_the_order_in_which_they_were_put_in_or_moved_to_the_end_and_keep_their_places(int seed)
    {
        var random = new Random(seed);
        var (list, expected) = (new SlotList<int>(), new List<(int Place, int Value)>());
        for (var i = 0; i < 500; i++)
        {
            var chosen = expected.Count == 0 ? -1 : random.Next(expected.Count);
            switch (random.Next(i < 400 ? 4 : 8))
            {
                case 0 when chosen >= 0:
                    var moved = expected[chosen];
                    list.MoveToEnd(moved.Place);
                    expected.RemoveAt(chosen);
                    expected.Add(moved);
                    break;
                case 2 or > 3 when chosen >= 0:
                    list.Remove(expected[chosen].Place);
                    expected.RemoveAt(chosen);
                    break;
                default:
                    expected.Add((list.Add(i), i));
                    break;
            }
            list.Count.ShouldBe(expected.Count);
            var seen = new List<(int, int)>();
            for (var place = list.First; place >= 0; place = list.After(place)) seen.Add((place, list[place]));
            seen.ShouldBe(expected);
        }
    }
}
