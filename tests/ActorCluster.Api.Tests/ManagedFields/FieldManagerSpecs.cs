using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.ManagedFields;
using FsCheck.Xunit;
using static ActorCluster.Api.Tests.ManagedFields.Configurations;

namespace ActorCluster.Api.Tests.ManagedFields;

/// <summary>What test/integration/apiserver/apply/apply_test.go and managedfields' own tests show of upstream's behaviour.</summary>
public sealed class FieldManagerSpecs
{
    private const string Type = "apiVersion: apps/v1, kind: Deployment";

    [Fact]
    public void An_updater_owns_what_it_set_without_what_identifies_the_object()
    {
        var created = Update(null, Yaml($"{{{Type}, metadata: {{name: d, labels: {{a: b}}}}, spec: {{replicas: 1, template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}}}"), "kubectl-create");
        Assert.Equal("""[{"manager":"kubectl-create","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{},"f:resources":{}}}}}}}}]""",
            Owners(created));
    }

    [Fact]
    public void Another_value_is_a_conflict_that_names_the_manager_and_the_field()
    {
        var live = Update(null, Yaml($"{{{Type}, metadata: {{name: d}}, spec: {{replicas: 1}}}}"), "kubectl");
        var conflict = Assert.Throws<ApplyConflictException>(() => Apply(live, Yaml($"{{{Type}, spec: {{replicas: 2}}}}"), "me"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas", conflict.Message);
    }

    [Fact]
    public void Several_conflicts_are_listed_by_manager()
    {
        var live = Apply(null, Yaml($"{{{Type}, metadata: {{name: d, labels: {{x: \"1\"}}}}, spec: {{replicas: 1}}}}"), "one");
        live = Apply(live, Yaml($"{{{Type}, spec: {{paused: true}}}}"), "two");
        var conflict = Assert.Throws<ApplyConflictException>(() => Apply(live, Yaml($"{{{Type}, metadata: {{labels: {{x: \"2\"}}}}, spec: {{replicas: 2, paused: false}}}}"), "me"));
        Assert.Equal("Apply failed with 3 conflicts: conflicts with \"one\":\n- .metadata.labels.x\n- .spec.replicas\nconflicts with \"two\":\n- .spec.paused", conflict.Message);
    }

    [Fact]
    public void Force_takes_the_field_from_its_owner()
    {
        var live = Apply(null, Yaml($"{{{Type}, spec: {{replicas: 1, paused: true}}}}"), "one");
        live = Apply(live, Yaml($"{{{Type}, spec: {{replicas: 2}}}}"), "two", force: true);
        Assert.Equal(2, live.IntegerAt("spec", "replicas"));
        Assert.Equal(".spec.paused", Owned(live, "one"));
        Assert.Equal(".spec.replicas", Owned(live, "two"));
    }

    [Fact]
    public void The_same_value_is_owned_by_both_and_goes_with_the_last()
    {
        var live = Apply(null, Yaml($"{{{Type}, spec: {{replicas: 1, paused: true}}}}"), "one");
        live = Apply(live, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "two");
        live = Apply(live, Yaml($"{{{Type}, spec: {{paused: true}}}}"), "one");
        Assert.Equal(1, live.IntegerAt("spec", "replicas"));
        live = Apply(live, Yaml($"{{{Type}, spec: {{}}}}"), "two");
        Assert.Null(live.At("spec", "replicas"));
        Assert.Equal(".spec.paused", Owned(live, "one"));
    }

    [Fact]
    public void An_element_that_is_applied_no_more_goes_and_others_stay()
    {
        var live = Apply(null, Yaml($"{{{Type}, spec: {{template: {{spec: {{containers: [{{name: a, image: i}}, {{name: b, image: i}}]}}}}}}}}"), "one");
        live = Apply(live, Yaml($"{{{Type}, spec: {{template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}}}"), "two");
        live = Apply(live, Yaml($"{{{Type}, spec: {{template: {{spec: {{containers: [{{name: b, image: i}}]}}}}}}}}"), "one");
        Assert.Equal(["b", "c"], ((JsonObject)live.At("spec", "template", "spec")!).GetObjects("containers").Select(c => c.GetString("name")));
    }

    [Fact]
    public void An_element_that_is_applied_no_more_goes_with_what_others_updated_in_it()
    {
        var live = Apply(null, Yaml($"{{{Type}, spec: {{template: {{spec: {{containers: [{{name: a, image: i}}]}}}}}}}}"), "one");
        var changed = (JsonObject)live.DeepClone();
        ((JsonObject)changed.At("spec", "template", "spec")!).GetObjects("containers").Single()["tty"] = true;
        live = Update(live, changed, "editor");
        live = Apply(live, Yaml($"{{{Type}, spec: {{template: {{spec: {{}}}}}}}}"), "one");
        Assert.Empty(((JsonObject)live.At("spec", "template", "spec")!).GetObjects("containers"));
    }

    [Fact]
    public void An_object_that_nobody_was_kept_track_of_is_owned_as_it_was_before_the_first_apply()
    {
        var live = Yaml($"{{{Type}, metadata: {{name: d, uid: u}}, spec: {{replicas: 1, paused: true}}}}");
        live = Apply(live, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "one");
        Assert.Equal(".spec.paused\n.spec.replicas", Owned(live, "before-first-apply"));
        Assert.Equal(".spec.replicas", Owned(live, "one"));
    }

    [Fact]
    public void Updates_of_an_object_that_nobody_is_kept_track_of_note_nobody()
    {
        var live = Yaml($"{{{Type}, metadata: {{name: d, uid: u}}, spec: {{replicas: 1}}}}");
        var updated = Update(live, Yaml($"{{{Type}, metadata: {{name: d, uid: u}}, spec: {{replicas: 2}}}}"), "one");
        Assert.Null(updated.At("metadata", "managedFields"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public void Empty_managed_fields_forget_everybody(string given)
    {
        var live = Update(null, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "one");
        var reset = (JsonObject)live.DeepClone();
        reset.Ensure("metadata")["managedFields"] = JsonNode.Parse(given);
        Assert.Null(Update(live, reset, "two").At("metadata", "managedFields"));
    }

    [Fact]
    public void A_client_that_doesnt_know_managed_fields_doesnt_lose_them()
    {
        var live = Update(null, Yaml($"{{{Type}, spec: {{replicas: 1, paused: true}}}}"), "one");
        var updated = WithoutOwners(live);
        updated.Ensure("spec")["replicas"] = 2;
        live = Update(live, updated, "two", time: "2026-01-02T00:00:00Z");
        Assert.Equal(".spec.paused", Owned(live, "one"));
        Assert.Equal(".spec.replicas", Owned(live, "two"));
    }

    [Fact]
    public void A_write_that_changes_nothing_leaves_the_time_alone()
    {
        var live = Update(null, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "one");
        Assert.True(Update(live, live, "one", time: "2026-01-02T00:00:00Z").SameAs(live));
        live = Apply(live, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "two", time: "2026-01-02T00:00:00Z");
        Assert.True(Apply(live, Yaml($"{{{Type}, spec: {{replicas: 1}}}}"), "two", time: "2026-01-03T00:00:00Z").SameAs(live));
    }

    [Fact]
    public void The_oldest_of_too_many_updaters_become_one()
    {
        var live = Update(null, Yaml($"{{{Type}, metadata: {{labels: {{l0: x}}}}}}"), "m0", time: "2026-01-01T00:00:00Z");
        for (var i = 1; i < 12; i++)
        {
            var next = (JsonObject)live.DeepClone();
            next.Ensure("metadata").Ensure("labels")[$"l{i}"] = "x";
            live = Update(live, next, $"m{i}", time: $"2026-01-01T00:00:{i:00}Z");
        }
        var owners = ManagedFieldsList.Decode(live.At("metadata", "managedFields")).Owners;
        Assert.Equal(10, owners.Count);
        Assert.Equal(".metadata.labels\n.metadata.labels.l0\n.metadata.labels.l1\n.metadata.labels.l2", Owned(live, "ancient-changes"));
        Assert.Equal("", Owned(live, "m2"));
    }

    [Fact]
    public void A_status_that_the_door_resets_is_not_owned()
    {
        var live = Update(null, Yaml($"{{{Type}, spec: {{replicas: 1}}, status: {{replicas: 3}}}}"), "one");
        Assert.Equal(".spec.replicas", Owned(live, "one"));
    }

    [Fact]
    public void Kubectl_takes_over_what_it_applied_from_the_clients_side()
    {
        var applied = $"{{{Type}, metadata: {{name: d}}, spec: {{replicas: 1, paused: true}}}}";
        var live = Yaml(applied);
        live.Ensure("metadata").Ensure("annotations")["kubectl.kubernetes.io/last-applied-configuration"] = Yaml(applied).ToJsonString();
        live = Update(null, live, "kubectl-client-side-apply");
        Assert.Throws<ApplyConflictException>(() => Apply(live, Yaml($"{{{Type}, spec: {{replicas: 2}}}}"), "other"));
        live = Apply(live, Yaml($"{{{Type}, metadata: {{name: d}}, spec: {{replicas: 2}}}}"), "kubectl");
        Assert.Equal(2, live.IntegerAt("spec", "replicas"));
        Assert.Contains("\"replicas\":2", live.TextAt("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"), StringComparison.Ordinal);
    }

    [Fact]
    public void Updaters_that_were_joined_before_are_no_further_ones_to_join()
    {
        var live = Update(null, Yaml($"{{{Type}, metadata: {{name: d, labels: {{l0: x}}}}}}"), "aa");
        string[] managers = [.. Enumerable.Range(0, 10).Select(i => $"b{i}"), "aa"];
        for (var i = 0; i < managers.Length; i++)
        {
            var newer = (JsonObject)live.DeepClone();
            newer.Ensure("metadata").Ensure("labels")[$"l{i + 1}"] = "x";
            live = Update(live, newer, managers[i]);
        }

        var owners = ManagedFieldsList.Decode(live.At("metadata", "managedFields")).Owners;
        Assert.Equal(FieldManager.MostUpdaters, owners.Count);
        var owned = owners.Aggregate(FieldSet.Empty, (set, owner) => set.Union(owner.Fields));
        for (var i = 0; i <= managers.Length; i++) Assert.True(owned.Has(PathElement.OfField("metadata"), PathElement.OfField("labels"), PathElement.OfField($"l{i}")));
    }

    [Property(MaxTest = 300)]
    public void Applying_twice_changes_nothing(byte[] first, byte[] second)
    {
        var live = Apply(null, From(first), "one");
        live = Apply(live, From(second), "two", force: true);
        var again = Apply(live, From(second), "two", time: "2027-01-01T00:00:00Z");
        Assert.True(again.SameAs(live), $"{live.ToJsonString()}\n{again.ToJsonString()}");
    }

    [Property(MaxTest = 300)]
    public void Whoever_applies_owns_what_it_said_and_nothing_else(byte[] first, byte[] second)
    {
        var live = Apply(null, From(first), "one");
        live = Apply(live, From(second), "one");
        Assert.True(WithoutOwners(live).SameAs(WithoutOwners(Apply(null, From(second), "one"))) || SameSets(live, Apply(null, From(second), "one")));
    }

    [Property(MaxTest = 300)]
    public void What_is_applied_no_more_goes_and_what_others_applied_stays(byte[] first, byte[] second)
    {
        var alone = Apply(null, From(first), "one");
        var both = Apply(alone, From(second), "two", force: true);
        var without = Apply(both, From([]), "two");
        var rest = FieldSetExtractor.Extract(WithoutOwners(without), Configurations.Schema);
        var owned = ManagedFieldsList.Decode(without.At("metadata", "managedFields")).Owners.Aggregate(FieldSet.Empty, (s, o) => s.Union(o.Fields));
        Assert.Equal("", Owned(without, "two"));
        // All that is left is somebody's, or holds or identifies what is.
        Assert.All(owned.Paths(), path => Assert.True(rest.Has(path) || Exists(without, path)));
        Assert.True(FieldSetExtractor.Extract(WithoutOwners(alone), Configurations.Schema).Union(rest).SameAs(FieldSetExtractor.Extract(WithoutOwners(alone), Configurations.Schema)));
    }

    private static bool SameSets(JsonObject a, JsonObject b) =>
        FieldSetExtractor.Extract(WithoutOwners(a), Configurations.Schema).Difference(FieldSetExtractor.Extract(WithoutOwners(b), Configurations.Schema)).Paths().All(p => Exists(a, p));

    /// <summary>A container that was emptied is still there.</summary>
    private static bool Exists(JsonObject obj, PathElement[] path)
    {
        JsonNode? node = obj;
        foreach (var element in path)
        {
            if (element.Kind != PathElementKind.Field) return true;
            if (node is not JsonObject map || !map.TryGetPropertyValue(element.Name, out node)) return false;
        }
        return true;
    }

    private static string Owners(JsonObject obj) => obj.At("metadata", "managedFields")!.ToJsonString(JsonDocuments.CompactJson);
}
