using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Processes;

if (RunArguments.LogFileOf(args) is { } log) BackgroundProcess.Detach(log);
return await CommandTree.RunAsync(args);
