using System.Collections.Immutable;
using System.Text;

namespace ActorCluster.Containers.Images;

/// <summary>What an image is built on, as its files say it: os-release(5) and the distribution's own version file.</summary>
/// <param name="osRelease">/usr/lib/os-release; /etc/os-release is a link to it.</param>
/// <param name="versionFile">Null if the distribution has none.</param>
/// <param name="version">What the version file says.</param>
public sealed class LinuxDistribution(string osRelease, string? versionFile, string version)
{
    private const string DebianHome = "HOME_URL=\"https://www.debian.org/\"\nSUPPORT_URL=\"https://www.debian.org/support\"\nBUG_REPORT_URL=\"https://bugs.debian.org/\"\n";

    /// <summary>Debian 13, which the official images of nginx and httpd are built on.</summary>
    public static LinuxDistribution Trixie { get; } = Debian("13", "trixie", "13.1");

    public static LinuxDistribution Bookworm { get; } = Debian("12", "bookworm", "12.12");

    public static LinuxDistribution Jessie { get; } = Debian("8", "jessie", "8.11");

    /// <summary>Debian without a shell or a package manager (github.com/GoogleContainerTools/distroless).</summary>
    public static LinuxDistribution Distroless { get; } = new(
        "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\nID=\"debian\"\nVERSION_ID=\"12\"\nVERSION=\"Debian GNU/Linux 12 (bookworm)\"\nHOME_URL=\"https://github.com/GoogleContainerTools/distroless\"\n" +
        "SUPPORT_URL=\"https://github.com/GoogleContainerTools/distroless/blob/master/README.md\"\nBUG_REPORT_URL=\"https://github.com/GoogleContainerTools/distroless/issues/new\"\n",
        null, "");

    /// <summary>By absolute path.</summary>
    public ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; } = new Dictionary<string, string?> { ["/usr/lib/os-release"] = osRelease, [versionFile ?? ""] = versionFile is null ? null : version + "\n" }
        .Where(file => file.Value is not null)
        .ToImmutableDictionary(file => file.Key, file => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(file.Value!));

    public ImmutableDictionary<string, string> Links { get; } = ImmutableDictionary<string, string>.Empty.Add("/etc/os-release", "../usr/lib/os-release");

    /// <param name="version">As "3.22.2".</param>
    public static LinuxDistribution Alpine(string version) => new(
        $"NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID={version}\nPRETTY_NAME=\"Alpine Linux v{version[..version.LastIndexOf('.')]}\"\n" +
        "HOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"\n",
        "/etc/alpine-release", version);

    private static LinuxDistribution Debian(string number, string name, string version) => new(
        $"PRETTY_NAME=\"Debian GNU/Linux {number} ({name})\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"{number}\"\nVERSION=\"{number} ({name})\"\nVERSION_CODENAME={name}\nID=debian\n{DebianHome}",
        "/etc/debian_version", version);
}
