namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>echo [-neE], as busybox has it: escapes only with -e.</summary>
internal static class Echo
{
    public static byte[] Format(IReadOnlyList<string> words)
    {
        bool newline = true, escapes = false;
        var i = 1;
        for (; i < words.Count && words[i] is ['-', _, ..] option && option.AsSpan(1).IndexOfAnyExcept("neE") < 0; i++)
        {
            foreach (var letter in option.Skip(1))
            {
                if (letter == 'n') newline = false;
                else escapes = letter == 'e';
            }
        }
        var text = ByteText.FromText(string.Join(' ', words.Skip(i)));
        var stop = false;
        if (escapes) text = Escapes.Decode(text, EscapeStyle.Echo, out stop);
        return ByteText.ToBytes(newline && !stop ? text + "\n" : text);
    }
}
