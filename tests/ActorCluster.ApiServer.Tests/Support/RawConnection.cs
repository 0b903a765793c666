using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>A TLS connection with the admin's certificate, over which anything may be sent in any pieces, or nothing more.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;

    private RawConnection(TcpClient tcp, SslStream stream)
    {
        _tcp = tcp;
        Stream = stream;
    }

    public SslStream Stream { get; }

    public static async Task<RawConnection> OpenAsync(TestServer server)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Address.Host, server.Address.Port);
        var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [server.Certificates.Admin] });
        return new RawConnection(tcp, tls);
    }

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Says that nothing more comes; what the server sends can still be read.</summary>
    public void CloseHalf() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads up to a text, with it.</summary>
    public async Task<string> ReadThroughAsync(string end)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await Stream.ReadAsync(one) > 0) text.Append((char)one[0]);
        return text.ToString();
    }

    /// <summary>Reads until the server closes, in order or not.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(buffer) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (IOException)
        {
            // Reset: an end as well.
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _tcp.Dispose();
    }
}
