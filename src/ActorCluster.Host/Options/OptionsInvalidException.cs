namespace ActorCluster.Host.Options;

/// <summary>What a user asked for can't be: all that is wrong with it, each a sentence that says what to do.</summary>
public sealed class OptionsInvalidException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;

    internal static void ThrowIfAny(IReadOnlyList<string> errors)
    {
        if (errors.Count > 0) throw new OptionsInvalidException(errors);
    }
}
