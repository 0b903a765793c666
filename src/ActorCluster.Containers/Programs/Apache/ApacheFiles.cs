using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Programs.Apache;

/// <summary>The httpd image's files: its configuration and the page that it is known by.</summary>
internal static class ApacheFiles
{
    public const string Version = "2.4.65";
    public const string ServerRoot = "/usr/local/apache2";
    public const string ConfigurationPath = ServerRoot + "/conf/httpd.conf";

    public const string Configuration = """
        ServerRoot "/usr/local/apache2"

        Listen 80

        LoadModule mpm_event_module modules/mod_mpm_event.so
        LoadModule mime_module modules/mod_mime.so
        LoadModule log_config_module modules/mod_log_config.so
        LoadModule autoindex_module modules/mod_autoindex.so
        LoadModule dir_module modules/mod_dir.so

        User www-data
        Group www-data

        ServerAdmin you@example.com
        #ServerName www.example.com:80

        DocumentRoot "/usr/local/apache2/htdocs"
        <Directory "/usr/local/apache2/htdocs">
            Options Indexes FollowSymLinks
            AllowOverride None
            Require all granted
        </Directory>

        DirectoryIndex index.html

        ErrorLog /proc/self/fd/2
        LogLevel warn
        CustomLog /proc/self/fd/1 common

        """;

    public static ImmutableDictionary<string, ReadOnlyMemory<byte>> All { get; } = new Dictionary<string, string>
    {
        [ConfigurationPath] = Configuration,
        [ServerRoot + "/htdocs/index.html"] = "<html><body><h1>It works!</h1></body></html>\n",
    }.ToImmutableDictionary(file => file.Key, file => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(file.Value)));
}
