using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;
using System.Net.Mail;
using System.Net.NetworkInformation;
using System.Text;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.CustomResources;

/// <summary>The formats of strings that schemas may ask for (apiextensions-apiserver/pkg/apiserver/validation/formats.go; kube-openapi/pkg/validation/strfmt). Others say nothing.</summary>
internal static partial class SchemaFormats
{
    private static readonly Regex Hostname = new(@"^([A-Za-z0-9_]([A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?)*\.?\z", RegexOptions.NonBacktracking);

    /// <summary>The long names of units (days, weeks) that go beyond Go's own.</summary>
    private static readonly Regex WordyDuration = new(
        @"^([0-9]+ *(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|m|mins?|h|hrs?|d|days?|w|wks?|nanoseconds?|microseconds?|milliseconds?|seconds?|minutes?|hours?|weeks?) *)+\z", RegexOptions.NonBacktracking);

    private static readonly FrozenDictionary<string, Func<string, bool>> Known = new Dictionary<string, Func<string, bool>>
    {
        ["bsonobjectid"] = text => text.Length == 24 && text.All(char.IsAsciiHexDigit),
        ["uri"] = text => Uri.TryCreate(text, UriKind.Absolute, out _) || text.StartsWith('/'),
        ["email"] = text => MailAddress.TryCreate(text, out _),
        ["hostname"] = text => text.Length is > 0 and <= 255 && Hostname.IsMatch(text),
        ["ipv4"] = text => IpRules.IsIp(text) && text.Contains('.', StringComparison.Ordinal),
        ["ipv6"] = text => IpRules.IsIpv6(text),
        ["cidr"] = text => Cidr.Parse(text) is not null,
        ["mac"] = text => text.AsSpan().IndexOfAny(":-.") > 0 && PhysicalAddress.TryParse(text, out _),
        ["uuid"] = text => Uuid().IsMatch(text),
        ["uuid3"] = text => Uuid().IsMatch(text) && Version(text) == '3',
        ["uuid4"] = text => Uuid().IsMatch(text) && Version(text) == '4' && Variant(text) is '8' or '9' or 'a' or 'b',
        ["uuid5"] = text => Uuid().IsMatch(text) && Version(text) == '5' && Variant(text) is '8' or '9' or 'a' or 'b',
        ["isbn"] = text => IsIsbn10(text) || IsIsbn13(text),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = text => CreditCard().IsMatch(NoDigit().Replace(text, "")),
        ["ssn"] = text => Ssn().IsMatch(text),
        ["hexcolor"] = text => HexColor().IsMatch(text),
        ["rgbcolor"] = text => RgbColor().IsMatch(text),
        ["byte"] = text => Base64.IsValid(Encoding.UTF8.GetBytes(text)),
        ["password"] = _ => true,
        ["date"] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["duration"] = IsDuration,
        ["datetime"] = text => ObjectMetadata.ParseTime(text) is not null,
        ["k8sshortname"] = text => !Names.Dns1123Label(text).Any(),
        ["k8slongname"] = text => !Names.Dns1123Subdomain(text).Any(),
    }.ToFrozenDictionary();

    /// <summary>Whether a format says something for values of a type.</summary>
    public static bool IsKnown(string type, string format) => type switch
    {
        "" or "string" => Known.ContainsKey(Normalize(format)),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };

    public static bool Fits(string format, string text) => !Known.TryGetValue(Normalize(format), out var check) || check(text);

    private static string Normalize(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsDuration(string text)
    {
        try
        {
            GoDurations.ParseSeconds(text);
            return true;
        }
        catch (FormatException)
        {
            return WordyDuration.IsMatch(text);
        }
    }

    private static char Version(string uuid) => Bare(uuid)[12];

    private static char Variant(string uuid) => Bare(uuid)[16];

    private static string Bare(string uuid) => uuid.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static bool IsIsbn10(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length != 10 || !digits[..9].All(char.IsAsciiDigit) || !(char.IsAsciiDigit(digits[9]) || digits[9] is 'X' or 'x')) return false;
        return digits.Select((c, i) => (10 - i) * (c is 'X' or 'x' ? 10 : c - '0')).Sum() % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 1 : 3)).Sum() % 10 == 0;
    }

    [GeneratedRegex(@"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^(4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11})\z")]
    private static partial Regex CreditCard();

    [GeneratedRegex("[^0-9]")]
    private static partial Regex NoDigit();

    [GeneratedRegex(@"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z")]
    private static partial Regex Ssn();

    [GeneratedRegex(@"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex HexColor();

    [GeneratedRegex(@"^rgb\( *(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5]) *, *(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5]) *, *(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5]) *\)\z")]
    private static partial Regex RgbColor();
}
