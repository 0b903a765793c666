using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Xunit.Abstractions;

namespace ActorCluster.Tests.Shared;

/// <summary>
/// A TestKit that waits for what has to come as long as a loaded machine may need for it. Nothing gets slower by it: a wait ends as soon as what it waits for is there, and that
/// nothing comes is proved by a marker, never by waiting.
/// </summary>
public abstract class PatientTestKit : TestKit
{
    /// <summary>After that much real time what was waited for isn't late but missing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Config Settings = ConfigurationFactory.ParseString("akka.test { default-timeout = 60s, single-expect-default = 60s, filter-leeway = 60s }");

    protected PatientTestKit(Config? config = null, ITestOutputHelper? output = null) : base(config is null ? Settings : Settings.WithFallback(config), output: output)
    {
    }
}
