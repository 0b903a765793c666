namespace ActorCluster.Api.Tests.Support;

/// <summary>Makes texts for fuzzing: mostly of a grammar's own words, in an order that the grammar may not like.</summary>
internal static class Texts
{
    public static string FromWords(string[] words, byte[] choices) => string.Concat(choices.Select(c => words[c % words.Length]));
}
