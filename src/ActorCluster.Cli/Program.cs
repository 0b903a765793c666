using ActorCluster.Cli.CommandLine;

return await CommandTree.RunAsync(args);
