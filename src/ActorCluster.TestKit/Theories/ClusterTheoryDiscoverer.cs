using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorCluster.TestKit.Theories;

/// <summary>xunit makes it by its name.</summary>
public sealed class ClusterTheoryDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
    [
        new ClusterTheoryTestCase(
            diagnostics, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod,
            factAttribute.GetNamedArgument<int>(nameof(ClusterTheoryAttribute.Runs)), factAttribute.GetNamedArgument<int>(nameof(ClusterTheoryAttribute.Seed))),
    ];
}
