using ActorCluster.Store.Snapshots;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorCluster.Store.Tests.Snapshots;

public sealed class PersistentTreeTests
{
    [Property(MaxTest = 60, EndSize = 3_000)]
    public void A_tree_is_a_sorted_set_whatever_happens_to_it(int[] seeds)
    {
        var model = new SortedDictionary<int, string>();
        var tree = PersistentTree<(int Key, string Value)>.Empty;
        var (earlier, earlierItems) = (tree, model.Select(pair => (pair.Key, pair.Value)).ToList());
        for (var i = 0; i < seeds.Length; i++)
        {
            // A key space of about the tree's size, so that replacing, adding and removing are all frequent.
            var key = Math.Abs(seeds[i] % 700);
            if (seeds[i] % 5 is 1 or -1 or 2 or -2)
            {
                tree = tree.Remove(new IntProbe(key));
                model.Remove(key);
            }
            else
            {
                tree = tree.Set(new IntProbe(key), (key, $"v{i}"));
                model[key] = $"v{i}";
            }

            if (i == seeds.Length / 2) (earlier, earlierItems) = (tree, model.Select(pair => (pair.Key, pair.Value)).ToList());
        }

        tree.ShouldBe(model.Select(pair => (pair.Key, pair.Value)));
        tree.Count.ShouldBe(model.Count);
        earlier.ShouldBe(earlierItems);
        foreach (var probe in seeds.Take(20).Append(-1).Append(1_000).Select(seed => seed % 800))
        {
            tree.TryFind(new IntProbe(probe), out var found).ShouldBe(model.ContainsKey(probe));
            if (model.TryGetValue(probe, out var value)) found.Value.ShouldBe(value);
            tree.Rank(new IntProbe(probe)).ShouldBe(model.Keys.Count(key => key < probe));
            tree.From(new IntProbe(probe)).Select(item => item.Key).ShouldBe(model.Keys.Where(key => key >= probe));
        }
    }

    [Property(MaxTest = 50)]
    public Property A_tree_built_at_once_is_the_same_as_one_built_step_by_step() =>
        Prop.ForAll(Gen.Choose(0, 6_000).ToArbitrary(), static count =>
        {
            var items = Enumerable.Range(0, count).Select(static i => (i, "")).ToList();
            var atOnce = PersistentTree<(int Key, string Value)>.FromSorted(items);
            var stepByStep = items.Aggregate(PersistentTree<(int Key, string Value)>.Empty, static (tree, item) => tree.Set(new IntProbe(item.i), item));
            atOnce.ShouldBe(stepByStep);
            atOnce.Count.ShouldBe(count);
            var removed = items.Aggregate(atOnce, static (tree, item) => item.i % 3 == 0 ? tree.Remove(new IntProbe(item.i)) : tree);
            removed.ShouldBe(items.Where(static item => item.i % 3 != 0));
        });

    [Fact]
    public void Removing_what_is_not_there_gives_the_same_tree()
    {
        var tree = PersistentTree<(int Key, string Value)>.Empty.Set(new IntProbe(1), (1, "a"));
        tree.Remove(new IntProbe(2)).ShouldBeSameAs(tree);
        tree.Remove(new IntProbe(1)).ShouldBeEmpty();
    }

    private readonly struct IntProbe(int key) : IProbe<(int Key, string Value)>
    {
        public int CompareTo((int Key, string Value) item) => key.CompareTo(item.Key);
    }
}
