using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The image's files: configuration, types and the welcome page.</summary>
internal static class NginxFiles
{
    public const string Version = "1.29.3";

    public const string MainConfiguration = """
        user  nginx;
        worker_processes  auto;

        error_log  /var/log/nginx/error.log notice;
        pid        /run/nginx.pid;

        events {
            worker_connections  1024;
        }

        http {
            include       /etc/nginx/mime.types;
            default_type  application/octet-stream;

            log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                              '$status $body_bytes_sent "$http_referer" '
                              '"$http_user_agent" "$http_x_forwarded_for"';

            access_log  /var/log/nginx/access.log  main;

            keepalive_timeout  65;

            include /etc/nginx/conf.d/*.conf;
        }

        """;

    public const string WelcomePage = """
        <!DOCTYPE html>
        <html>
        <head>
        <title>Welcome to nginx!</title>
        <style>
        body { max-width: 40em; margin: 4em auto; font-family: sans-serif; line-height: 1.4; }
        </style>
        </head>
        <body>
        <h1>Welcome to nginx!</h1>
        <p>This page comes from an emulated nginx inside a pod. It answers, so the pod
        has an address, the container runs, and the packets found their way here.</p>

        <p>Put your own pages in <code>/usr/share/nginx/html</code>, or mount a
        configuration below <code>/etc/nginx</code>.</p>
        </body>
        </html>

        """;

    public const string ErrorPage = """
        <!DOCTYPE html>
        <html>
        <head>
        <title>Error</title>
        </head>
        <body>
        <h1>Something went wrong.</h1>
        <p>The page can't be shown at the moment. nginx's error log says why.</p>
        </body>
        </html>

        """;

    /// <summary>What nginx takes without any types block.</summary>
    public static readonly ImmutableDictionary<string, string> BuiltInTypes = ImmutableDictionary<string, string>.Empty
        .WithComparers(StringComparer.OrdinalIgnoreCase)
        .Add("html", "text/html").Add("gif", "image/gif").Add("jpg", "image/jpeg");

    private static readonly (string Type, string Extensions)[] Types =
    [
        ("text/html", "html htm shtml"), ("text/css", "css"), ("text/xml", "xml"), ("text/plain", "txt"), ("text/mathml", "mml"), ("text/vnd.wap.wml", "wml"),
        ("text/x-component", "htc"), ("text/vnd.sun.j2me.app-descriptor", "jad"),
        ("image/gif", "gif"), ("image/jpeg", "jpeg jpg"), ("image/png", "png"), ("image/avif", "avif"), ("image/svg+xml", "svg svgz"), ("image/tiff", "tif tiff"),
        ("image/webp", "webp"), ("image/x-icon", "ico"), ("image/x-ms-bmp", "bmp"), ("image/vnd.wap.wbmp", "wbmp"), ("image/x-jng", "jng"),
        ("application/javascript", "js"), ("application/json", "json"), ("application/atom+xml", "atom"), ("application/rss+xml", "rss"), ("application/wasm", "wasm"),
        ("application/pdf", "pdf"), ("application/zip", "zip"), ("application/rtf", "rtf"), ("application/msword", "doc"), ("application/vnd.ms-excel", "xls"),
        ("application/vnd.ms-powerpoint", "ppt"), ("application/vnd.ms-fontobject", "eot"), ("application/postscript", "ps eps ai"), ("application/java-archive", "jar war ear"),
        ("application/mac-binhex40", "hqx"), ("application/vnd.apple.mpegurl", "m3u8"), ("application/vnd.google-earth.kml+xml", "kml"),
        ("application/vnd.google-earth.kmz", "kmz"), ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
        ("application/vnd.oasis.opendocument.text", "odt"), ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
        ("application/x-7z-compressed", "7z"), ("application/x-java-archive-diff", "jardiff"), ("application/x-perl", "pl pm"), ("application/x-rar-compressed", "rar"),
        ("application/x-redhat-package-manager", "rpm"), ("application/x-shockwave-flash", "swf"), ("application/x-tcl", "tcl tk"),
        ("application/x-x509-ca-cert", "der pem crt"), ("application/x-xpinstall", "xpi"), ("application/xhtml+xml", "xhtml"), ("application/xspf+xml", "xspf"),
        ("application/octet-stream", "bin exe dll deb dmg iso img msi msp msm"),
        ("font/woff", "woff"), ("font/woff2", "woff2"),
        ("audio/midi", "mid midi kar"), ("audio/mpeg", "mp3"), ("audio/ogg", "ogg"), ("audio/x-m4a", "m4a"), ("audio/x-realaudio", "ra"),
        ("video/3gpp", "3gpp 3gp"), ("video/mp2t", "ts"), ("video/mp4", "mp4"), ("video/mpeg", "mpeg mpg"), ("video/quicktime", "mov"), ("video/webm", "webm"),
        ("video/x-flv", "flv"), ("video/x-m4v", "m4v"), ("video/x-mng", "mng"), ("video/x-ms-asf", "asx asf"), ("video/x-ms-wmv", "wmv"), ("video/x-msvideo", "avi"),
    ];

    public static string MimeTypes { get; } =
        "types {\n" + string.Concat(Types.Select(type => $"    {type.Type,-40} {type.Extensions};\n")) + "}\n";

    /// <param name="port">80; 8080 in the unprivileged image.</param>
    public static string DefaultServer(int port) => $$"""
        server {
            listen       {{port}};
            listen  [::]:{{port}};
            server_name  localhost;

            location / {
                root   /usr/share/nginx/html;
                index  index.html index.htm;
            }

            error_page   500 502 503 504  /50x.html;
            location = /50x.html {
                root   /usr/share/nginx/html;
            }
        }

        """;

    public static ImmutableDictionary<string, ReadOnlyMemory<byte>> For(int port) => new Dictionary<string, string>
    {
        ["/etc/nginx/nginx.conf"] = MainConfiguration,
        ["/etc/nginx/mime.types"] = MimeTypes,
        ["/etc/nginx/conf.d/default.conf"] = DefaultServer(port),
        ["/usr/share/nginx/html/index.html"] = WelcomePage,
        ["/usr/share/nginx/html/50x.html"] = ErrorPage,
    }.ToImmutableDictionary(file => file.Key, file => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(file.Value)));
}
