using ActorCluster.Api.Documents;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Schema;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Api.Tests.ManagedFields;

/// <summary>typed/merge_test.go and typed/validate_test.go of structured-merge-diff, on the real types.</summary>
public sealed class StructuredMergeSpecs
{
    private static readonly TypeSchema Pod = ModelSchema.Of<V1Pod>();

    [Theory]
    [InlineData("a keyed list merges by its keys", "{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: a, tty: true}, {name: b, image: y}]}}",
        "{spec: {containers: [{name: a, image: x, tty: true}, {name: b, image: y}]}}")]
    [InlineData("the applied order counts, and neighbours stay", "{metadata: {finalizers: [a, b, c, x]}}", "{metadata: {finalizers: [c, b, n]}}", "{metadata: {finalizers: [a, c, x, b, n]}}")]
    [InlineData("a set joins", "{metadata: {finalizers: [a, b]}}", "{metadata: {finalizers: [c]}}", "{metadata: {finalizers: [a, b, c]}}")]
    [InlineData("an atomic list is replaced", "{spec: {containers: [{name: a, command: [x, y]}]}}", "{spec: {containers: [{name: a, command: [z]}]}}", "{spec: {containers: [{name: a, command: [z]}]}}")]
    [InlineData("an atomic map is replaced", "{spec: {nodeSelector: {a: b}}}", "{spec: {nodeSelector: {c: d}}}", "{spec: {nodeSelector: {c: d}}}")]
    [InlineData("a map joins", "{metadata: {labels: {a: b}}}", "{metadata: {labels: {c: d}}}", "{metadata: {labels: {a: b, c: d}}}")]
    [InlineData("a port's protocol is TCP unless it says so", "{spec: {containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}]}]}}",
        "{spec: {containers: [{name: a, ports: [{containerPort: 1, name: n}, {containerPort: 1, protocol: UDP}]}]}}",
        "{spec: {containers: [{name: a, ports: [{containerPort: 1, protocol: TCP, name: n}, {containerPort: 1, protocol: UDP}]}]}}")]
    public void A_configuration_is_laid_over_an_object(string what, string live, string applied, string expected)
    {
        var merged = StructuredMerge.Merge(Configurations.Yaml(live), Configurations.Yaml(applied), Pod);
        Assert.True(merged.SameAs(Configurations.Yaml(expected)), $"{what}: {merged.ToJsonString()}");
    }

    [Theory]
    [InlineData("{spec: {containers: [{name: a, imagee: x}]}}", ".spec.containers[name=\"a\"].imagee: field not declared in schema")]
    [InlineData("{spec: {containers: [{name: a}, {name: a}]}}", ".spec.containers: duplicate entries for key [name=\"a\"]")]
    [InlineData("{spec: {hostNetwork: 1}}", ".spec.hostNetwork: expected boolean, got 1")]
    [InlineData("{spec: {priority: x}}", ".spec.priority: expected numeric (int or float), got string")]
    [InlineData("{spec: {containers: {}}}", ".spec.containers: expected list, got {}")]
    [InlineData("{metadata: {finalizers: [{}]}}", ".metadata.finalizers: element 0: associative list without keys has an element that's a map type")]
    public void What_doesnt_fit_its_type_is_refused(string applied, string fault) =>
        Assert.Equal([fault], StructuredValidation.Faults(Configurations.Yaml(applied), Pod));

    [Theory]
    [InlineData("{spec: {containers: [{name: a, resources: {limits: {cpu: 1}}, livenessProbe: {httpGet: {port: http}}}]}}")]
    [InlineData("{spec: {containers: null, nodeSelector: {}}, metadata: {creationTimestamp: null}}")]
    public void What_fits_is_taken(string applied) => Assert.Empty(StructuredValidation.Faults(Configurations.Yaml(applied), Pod));

    [Property(MaxTest = 300)]
    public void A_merge_says_what_the_configuration_says_and_keeps_the_rest(byte[] first, byte[] second)
    {
        var (live, applied) = (Configurations.From(first), Configurations.From(second));
        var merged = StructuredMerge.Merge(live, applied, Configurations.Schema);
        var said = FieldSetExtractor.Extract(applied, Configurations.Schema);
        var all = FieldSetExtractor.Extract(merged, Configurations.Schema);
        Assert.True(all.SameAs(FieldSetExtractor.Extract(live, Configurations.Schema).Union(said)));
        var difference = ObjectComparison.Compare(applied, merged, Configurations.Schema);
        Assert.True(difference.Removed.IsEmpty && difference.Modified.IsEmpty);
        Assert.True(StructuredMerge.Merge(merged, applied, Configurations.Schema).SameAs(merged));
    }
}
