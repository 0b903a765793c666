using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>`actorcluster capture`: files that others read without a complaint.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class CaptureTests(SharedCluster shared)
{
    private const string Marker = "/the-last-request";

    private readonly RunningCluster _cluster = shared.Cluster;

    private static readonly string[] WebPods = ["web-1", "web-2"];
    private static readonly string[] ChecksummedProtocols = ["ip", "tcp", "udp", "icmp"];

    [TsharkFact]
    public async Task Tshark_reads_a_capture_of_a_conversation_and_finds_nothing_wrong_with_it()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "capture-read");
        var file = Path.Combine(_cluster.Home.Path, "web.pcapng");
        await CaptureAsync(file, "capture-read", ["-l", "app in (web)", "pod/client"], async () =>
        {
            foreach (var pod in WebPods)
            {
                var address = (await _cluster.GetAsync("pod", pod, "-n", "capture-read")).GetProperty("status").GetProperty("podIP").GetString()!;
                (await ExecAsync("capture-read", "wget", "-qO-", $"http://{address}")).ShouldSucceed();
            }
            (await ExecAsync("capture-read", "wget", "-qO-", "http://web:8080")).ShouldSucceed();
            (await ExecAsync("capture-read", "ping", "-c", "1", "pods")).ShouldSucceed();
            (await ExecAsync("capture-read", "sh", "-c", "echo lost | nc -u -w 1 pods 9")).Error.ShouldNotContain("not found"); // nobody is there: an ICMP error quotes it
        });

        string[] checks = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];
        var bad = string.Join(" || ", ChecksummedProtocols.Select(protocol => $"{protocol}.checksum.status == \"Bad\""));
        (await TsharkAsync(file, [.. checks, "-Y", $"_ws.malformed || _ws.expert.severity == \"Error\" || {bad}"])).Output.ShouldBe("");
        (await TsharkAsync(file, ["-Y", "http.response.code == 200 && frame.interface_name == \"capture-read/web-1\""])).Lines.ShouldNotBeEmpty();
        (await TsharkAsync(file, ["-Y", "http.request.uri == \"/\" && frame.interface_name == \"capture-read/client\""])).Lines.Length.ShouldBe(3);
        (await TsharkAsync(file, ["-Y", "dns.qry.name == \"web.capture-read.svc.cluster.local\" && dns.a"])).Lines.ShouldNotBeEmpty();
        (await TsharkAsync(file, ["-Y", "icmp.type == 8 || icmp.type == 0"])).Lines.Length.ShouldBeGreaterThanOrEqualTo(2);
        (await TsharkAsync(file, ["-Y", "icmp.type == 3 && icmp.code == 3 && udp.dstport == 9"])).Lines.ShouldNotBeEmpty();
        // The client's request is there as it sent it, to the service's address, and again as the endpoint got it.
        (await TsharkAsync(file, ["-Y", "tcp.dstport == 8080 && http.request.uri == \"/\""])).Lines.ShouldHaveSingleItem();
        (await TsharkAsync(file, ["-Y", "tcp.dstport == 80 && http.request.uri == \"/\" && frame.interface_name matches \"web\""])).Lines.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_capture_that_is_interrupted_leaves_a_whole_file()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "capture-end");
        var file = Path.Combine(_cluster.Home.Path, "end.pcapng");
        await CaptureAsync(file, "capture-end", ["pod/client"], async () => (await ExecAsync("capture-end", "wget", "-qO-", "http://web:8080")).ShouldSucceed());

        var (bytes, at, packets) = (await File.ReadAllBytesAsync(file), 0, 0);
        BinaryPrimitives.ReadUInt32LittleEndian(bytes).ShouldBe(0x0a0d0d0au);
        while (at < bytes.Length)
        {
            // Each block says its length at both ends; the last one ends with the file.
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + length - 4)).ShouldBe(length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) == 6) packets++;
            at += length;
        }
        at.ShouldBe(bytes.Length);
        packets.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task A_selector_that_matches_no_pod_and_one_that_can_not_be_read_are_told_so()
    {
        var file = Path.Combine(_cluster.Home.Path, "none.pcapng");
        (await _cluster.ActorClusterAsync("capture", "-w", file, "-l", "app=nobody-has-this")).ShouldFailWith(1, "No pod with a network of its own matches 'app=nobody-has-this' in namespace 'default'.");
        (await _cluster.ActorClusterAsync("capture", "-w", file, "-l", "app in (")).ExitCode.ShouldBe(1);
        (await _cluster.ActorClusterAsync("capture", "-w", file, "pod/nobody-has-this")).ShouldFailWith(1, "There is no pod 'nobody-has-this' in namespace 'default'.");
        File.Exists(file).ShouldBeFalse();
    }

    /// <summary>Captures while something happens, ends the capture as Ctrl-C does, and sees that it takes this for its end.</summary>
    private async Task CaptureAsync(string file, string ns, string[] what, Func<Task> happening)
    {
        await using var capture = _cluster.Home.StartActorCluster(["capture", "-w", file, "-n", ns, .. what, "--name", _cluster.Name]);
        await Eventually.SeeAsync(() => Task.FromResult(File.Exists(file) && new FileInfo(file).Length > 0), begun => begun, "the capture's file");
        await happening();
        // Packets are written in order: what was before this one is there when it is.
        (await ExecAsync(ns, "wget", "-qO-", $"http://web:8080{Marker}")).ExitCode.ShouldNotBe(0); // nginx has no such page
        await Eventually.SeeAsync(() => Task.FromResult(Encoding.Latin1.GetString(ReadWhileWritten(file)).Contains(Marker, StringComparison.Ordinal)), seen => seen, "the last request");
        (await Command.RunAsync("kill", ["-INT", capture.ProcessId.ToString(CultureInfo.InvariantCulture)], new Dictionary<string, string>())).ShouldSucceed();
        (await capture.EndAsync()).ShouldSucceed();
    }

    private static byte[] ReadWhileWritten(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private Task<CommandResult> ExecAsync(string ns, params IReadOnlyList<string> command) => _cluster.KubectlAsync(["exec", "-n", ns, "client", "--", .. command]);

    private static async Task<CommandResult> TsharkAsync(string file, IReadOnlyList<string> arguments) => (await Command.RunAsync("tshark", ["-r", file, .. arguments], new Dictionary<string, string>())).ShouldSucceed();
}
