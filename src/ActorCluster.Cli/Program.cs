using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Processes;

// Before anything else touches the console: it keeps duplicates of the descriptors that it finds.
if (RunArguments.LogFileOf(args) is { } log) BackgroundProcess.Detach(log);
return await CommandTree.RunAsync(args);
