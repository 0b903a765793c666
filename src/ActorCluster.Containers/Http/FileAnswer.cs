using ActorCluster.Containers.FileSystem;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ActorCluster.Containers.Http;

/// <summary>What a file server answers to a GET or HEAD of an existing file: conditions (RFC 9110, 13) and one byte range (14).</summary>
/// <param name="StatusCode">200, 206, 304, 412 or 416.</param>
/// <param name="Offset">Where the body starts in the file.</param>
/// <param name="Length">How many bytes the body has.</param>
internal readonly record struct FileAnswer(int StatusCode, long Offset, long Length)
{
    private const int BlockSize = 32 * 1024;

    /// <param name="entityTag">Quoted.</param>
    public static FileAnswer Decide(IHeaderDictionary request, long length, DateTimeOffset modified, string entityTag)
    {
        var tag = new EntityTagHeaderValue(entityTag);
        // HTTP dates have whole seconds.
        modified = new DateTimeOffset(modified.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

        if (!StringValues.IsNullOrEmpty(request.IfMatch))
        {
            if (!Matches(request.IfMatch, tag, strong: true)) return new FileAnswer(StatusCodes.Status412PreconditionFailed, 0, 0);
        }
        else if (HeaderUtilities.TryParseDate(request.IfUnmodifiedSince.ToString(), out var unmodifiedSince) && modified > unmodifiedSince)
        {
            return new FileAnswer(StatusCodes.Status412PreconditionFailed, 0, 0);
        }

        if (!StringValues.IsNullOrEmpty(request.IfNoneMatch))
        {
            if (Matches(request.IfNoneMatch, tag, strong: false)) return new FileAnswer(StatusCodes.Status304NotModified, 0, 0);
        }
        else if (HeaderUtilities.TryParseDate(request.IfModifiedSince.ToString(), out var modifiedSince) && modified <= modifiedSince)
        {
            return new FileAnswer(StatusCodes.Status304NotModified, 0, 0);
        }

        return DecideRange(request, length, modified, tag);
    }

    /// <summary>Writes the body; its last block is left for the end of the response to flush, so that a small file is one segment.</summary>
    public async Task SendAsync(IFileSystem files, string path, HttpResponse response, CancellationToken cancellationToken)
    {
        await using var file = files.Open(path, FileOpen.Read);
        if (Offset > 0) file.Seek(Offset, SeekOrigin.Begin);
        var left = Length;
        while (left > 0)
        {
            var block = response.BodyWriter.GetMemory((int)Math.Min(left, BlockSize));
            var read = await file.ReadAsync(block[..(int)Math.Min(left, block.Length)], cancellationToken);
            // The file shrank meanwhile: Kestrel resets the connection, as a server must that promised more bytes than it has.
            if (read == 0) return;
            response.BodyWriter.Advance(read);
            left -= read;
            if (left > 0) await response.BodyWriter.FlushAsync(cancellationToken);
        }
    }

    private static FileAnswer DecideRange(IHeaderDictionary request, long length, DateTimeOffset modified, EntityTagHeaderValue tag)
    {
        var whole = new FileAnswer(StatusCodes.Status200OK, 0, length);
        // Several ranges are answered with the whole file, as RFC 9110 (14.2) leaves a server free to do.
        if (!RangeHeaderValue.TryParse(request.Range.ToString(), out var header) || header.Unit != "bytes" || header.Ranges.Count != 1) return whole;
        if (RangeConditionHeaderValue.TryParse(request.IfRange.ToString(), out var condition) &&
            !(condition.EntityTag is { } wanted ? wanted.Compare(tag, useStrongComparison: true) : condition.LastModified == modified))
        {
            return whole;
        }
        var range = header.Ranges.First();
        var from = range.From ?? Math.Max(0, length - range.To.GetValueOrDefault());
        var to = range.From is null ? length - 1 : Math.Min(range.To ?? long.MaxValue, length - 1);
        return from <= to && !(range.From is null && range.To == 0)
            ? new FileAnswer(StatusCodes.Status206PartialContent, from, to - from + 1)
            : new FileAnswer(StatusCodes.Status416RangeNotSatisfiable, 0, 0);
    }

    private static bool Matches(StringValues header, EntityTagHeaderValue tag, bool strong) =>
        EntityTagHeaderValue.TryParseList(header, out var candidates) &&
        candidates.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, strong));
}
