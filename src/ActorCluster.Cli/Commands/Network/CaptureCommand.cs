using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Network.Capturing;

namespace ActorCluster.Cli.Commands.Network;

/// <summary>Writes the packets that pods send and get to a file that Wireshark reads.</summary>
internal sealed class CaptureCommand : Command, IHasExamples
{
    /// <summary>Nodes' packets come interleaved: each waits so long for earlier ones of another node.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(300);

    private readonly CliContext _cli;
    private readonly Argument<string[]> _pods = new("POD") { Description = "pod/NAME or pod/NAMESPACE/NAME; neither pods nor a selector: all pods of the namespace that --namespace names, or of the cluster.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _file = new("--write", "-w") { Description = "The pcapng file to write; - is standard output.", HelpName = "FILE", Required = true };
    private readonly Option<string> _selector = new("--selector", "-l") { Description = "Also the pods that this label selector matches now, like app=web.", HelpName = "SELECTOR" };
    private readonly Option<bool> _everywhere = CommonOptions.AllNamespaces("Let the selector match pods of all namespaces.");
    private readonly Option<string?> _namespace = CommonOptions.Namespace("The namespace of the selector, and of names that don't say theirs; 'default' without it.");
    private readonly Option<int> _count = CommonOptions.Number("--count", "-c", "End after so many packets; 0: never.", "NUMBER", 0);
    private readonly Option<Duration> _duration = CommonOptions.Duration("--duration", "End after this time; 0s: never.", TimeSpan.Zero);
    private readonly Option<string?> _kubeconfig = CommonOptions.Kubeconfig();
    private readonly Option<string> _cluster = CommonOptions.Name();

    public CaptureCommand(CliContext cli)
        : base("capture", "Write the packets that pods send and get to a pcapng file, until Ctrl-C. Wireshark and tshark read it.")
    {
        _cli = cli;
        _pods.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (NetworkTarget.Parse(token.Value) is not { Kind: TargetKind.Pod, Port: "" }) result.AddError($"POD: '{token.Value}' is no pod; write it like pod/web-0.");
        });
        Add(_pods);
        Add(_file);
        Add(_selector);
        Add(_namespace);
        Add(_everywhere);
        Add(_count);
        Add(_duration);
        Add(_cluster);
        Add(_kubeconfig);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
        ["actorcluster capture -w web.pcapng pod/web-0 pod/client", "actorcluster capture -w web.pcapng -l app=web -n shop", "actorcluster capture -w all.pcapng --duration 10s", "actorcluster capture -w - pod/web-0 --count 100"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var cluster = parsed.GetValue(_kubeconfig) is { } other ? ClusterQueries.Open(other) : ClusterQueries.Open(_cli.RequireCluster(parsed.GetValue(_cluster)!));
        var nodes = await NodesAsync(cluster, parsed, cancellationToken);
        var name = parsed.GetValue(_file)!;
        await using var file = name == "-" ? Console.OpenStandardOutput() : Create(name);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var frames = Channel.CreateUnbounded<CaptureFrame>(new UnboundedChannelOptions { SingleReader = true });
        var streams = new List<Stream>();
        try
        {
            foreach (var (node, pods) in nodes) streams.Add(await cluster.CaptureAsync(node, pods, cancellationToken));
            await using var buffered = new BufferedStream(file, 1 << 16);
            _cli.Terminal.Progress($"Capturing on {string.Join(", ", nodes.Select(node => node.Node))}; Ctrl-C ends.");
            if (parsed.GetValue(_duration).Value is { Ticks: > 0 } duration) _ = CancelAfterAsync(ending, duration);
            var readers = Task.WhenAll(streams.Select(stream => ReadAsync(stream, frames.Writer, ending.Token)));
            _ = readers.ContinueWith(_ => frames.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            var written = await WriteAsync(buffered, frames.Reader, parsed.GetValue(_count), ending.Token);
            await ending.CancelAsync();
            await readers;
            _cli.Terminal.Progress(string.Create(CultureInfo.InvariantCulture, $"{written} packets"));
            return ExitCode.Success;
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<(string Node, IReadOnlyList<string> Pods)>> NodesAsync(ClusterQueries cluster, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (names, otherwise, selector) = (parsed.GetValue(_pods)!, parsed.GetValue(_namespace) ?? "default", parsed.GetValue(_selector));
        if (names.Length == 0 && selector is null && parsed.GetValue(_namespace) is not null && !parsed.GetValue(_everywhere)) selector = ""; // all of that namespace
        if (names.Length == 0 && selector is null) return [.. (await cluster.NodesAsync(cancellationToken)).Select(node => (node, (IReadOnlyList<string>)[]))];
        var chosen = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var target in names.Select(name => NetworkTarget.Parse(name)!))
        {
            var ns = target.Namespace ?? otherwise;
            var pod = await cluster.GetAsync("pods", "pod", ns, target.Name, cancellationToken);
            if (pod["spec"]?["nodeName"]?.GetValue<string>() is not { Length: > 0 } node) throw new ClusterCommandException($"Pod '{target.Name}' is on no node yet.");
            if (pod["spec"]?["hostNetwork"]?.GetValue<bool>() == true) throw new ClusterCommandException($"Pod '{target.Name}' has no network of its own: it is on its node's.");
            Choose(node, $"{ns}/{target.Name}");
        }
        if (selector is not null)
        {
            var matching = await cluster.PodsAsync(parsed.GetValue(_everywhere) ? null : otherwise, selector, cancellationToken);
            foreach (var pod in matching.Where(HasNetwork)) Choose(pod["spec"]!["nodeName"]!.GetValue<string>(), $"{pod["metadata"]!["namespace"]}/{pod["metadata"]!["name"]}");
            if (chosen.Count == 0) throw new ClusterCommandException($"No pod with a network of its own {(selector.Length == 0 ? "is" : $"matches '{selector}'")} in {(parsed.GetValue(_everywhere) ? "any namespace" : $"namespace '{otherwise}'")}.");
        }
        return [.. chosen.Select(node => (node.Key, (IReadOnlyList<string>)node.Value))];

        void Choose(string node, string pod)
        {
            if (!chosen.TryGetValue(node, out var pods)) chosen.Add(node, pods = []);
            if (!pods.Contains(pod)) pods.Add(pod);
        }
    }

    /// <exception cref="ClusterCommandException">It can't be written.</exception>
    private static FileStream Create(string name)
    {
        try
        {
            return new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ClusterCommandException($"{name} can't be written: there is no folder {Path.GetDirectoryName(name)}. Make it, or name another file with --write.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterCommandException($"{name} can't be written: {(Directory.Exists(name) ? "it is a folder." : e.Message)} Name another file with --write.", e);
        }
    }

    private static bool HasNetwork(JsonNode pod) => pod["spec"]?["nodeName"] is not null && pod["spec"]?["hostNetwork"]?.GetValue<bool>() != true;

    /// <summary>A node that is lost takes only its own packets along.</summary>
    private async Task ReadAsync(Stream stream, ChannelWriter<CaptureFrame> to, CancellationToken cancellationToken)
    {
        try
        {
            while (await CaptureFrame.ReadAsync(stream, cancellationToken) is { } frame) to.TryWrite(frame);
            _cli.Terminal.Error("A node has ended its capture.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The capture is over.
        }
        catch (Exception e) when (e is IOException or InvalidDataException or HttpRequestException)
        {
            if (!cancellationToken.IsCancellationRequested) _cli.Terminal.Error($"A node's capture has ended: {e.Message}");
        }
    }

    private async Task<int> WriteAsync(Stream to, ChannelReader<CaptureFrame> frames, int most, CancellationToken cancellationToken)
    {
        var (merge, writer, written, isOver) = (new CaptureMerge(), new PcapngWriter(to), 0, false);
        await to.FlushAsync(CancellationToken.None);
        while (!isOver)
        {
            isOver = !await WaitAsync(frames, cancellationToken);
            while (frames.TryRead(out var frame)) merge.Add(frame);
            foreach (var frame in merge.TakeBefore(isOver ? long.MaxValue : Now - (Window.Ticks * 100)))
            {
                writer.Write(frame);
                if (++written != most) continue;
                isOver = true;
                break;
            }
            // Who looks at the file meanwhile sees whole packets.
            await to.FlushAsync(CancellationToken.None);
        }
        return written;
    }

    /// <returns>False: no more will come.</returns>
    private async Task<bool> WaitAsync(ChannelReader<CaptureFrame> frames, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Window / 3, _cli.Clock, cancellationToken);
            return !frames.Completion.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task CancelAfterAsync(CancellationTokenSource ending, TimeSpan duration)
    {
        try
        {
            await Task.Delay(duration, _cli.Clock, ending.Token);
            await ending.CancelAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // It ended before.
        }
    }

    private long Now => (_cli.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
