using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Names outside the cluster that its user bound to real addresses: pods reach those, and nothing else.</summary>
public sealed class OutsideNameTests
{
    [Fact]
    public async Task A_pod_reaches_a_name_that_the_user_bound_and_no_other_port_of_the_machine()
    {
        using var bound = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Any, 0);
        bound.Start();
        other.Start();
        var serving = ServeAsync(bound);
        await using var home = new UserHome();
        var cluster = await home.UpAsync("outside", "--workers", "1", "--outside", $"api.example.com={bound.LocalEndpoint}");
        (await cluster.KubectlAsync("run", "c", "--image=curlimages/curl", "--restart=Never", "--command", "--", "sleep", "3600")).ShouldSucceed();
        (await cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/c", "--timeout=240s")).ShouldSucceed();
        await cluster.NamesAreAnsweredAsync();

        (await cluster.KubectlAsync("exec", "c", "--", "curl", "-sS", "http://api.example.com")).ShouldSucceed().Output.ShouldBe("from outside");

        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        (await cluster.KubectlAsync("exec", "c", "--", "curl", "-sS", "-m", "60", $"http://api.example.com:{port}")).ShouldFailWith(7, "Could not connect");
        (await cluster.KubectlAsync("exec", "c", "--", "curl", "-sS", "-m", "60", "http://www.example.com")).ShouldFailWith(6, "Could not resolve host");
        other.Pending().ShouldBeFalse();
        var trace = (await cluster.ActorClusterAsync("trace", "pod/c", "172.18.254.1:80")).ShouldSucceed();
        trace.Output.ShouldContain($"api.example.com port 80 is bound to {bound.LocalEndpoint}");
        bound.Stop();
        await serving;
    }

    [Fact]
    public async Task A_binding_that_makes_no_sense_is_refused_before_anything_starts()
    {
        await using var home = new UserHome();
        (await home.ActorClusterAsync("up", "--name", "wrong", "--outside", "api.example.com")).ShouldFailWith(2, "write NAME[:PORT]=HOST:PORT");
        home.Processes().ShouldBeEmpty();
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[1024], 1);
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nfrom outside"));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The test stopped it.
        }
    }
}
