namespace ActorCluster.Containers.Tests.Runtime;

/// <summary>
/// A script and what it prints, from a ".cases" file: "=== name", the script, then optionally "--- stdin", "--- stdout", "--- stderr" with
/// their lines and "--- exit n". A "␄" at the end stands for output without a newline there.
/// What busybox 1.35 does is what is expected, but for cases marked "--- differs".
/// </summary>
internal sealed record ScriptCase(string Name, string Script, string Input, string Output, string Errors, int Code)
{
    /// <summary>All cases of the files in a folder, as rows of a theory: file and name.</summary>
    public static TheoryData<string, string> Rows(string folder)
    {
        var rows = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, folder), "*.cases").Order(StringComparer.Ordinal))
        {
            foreach (var read in Read(file)) rows.Add(Path.GetFileNameWithoutExtension(file), read.Name);
        }
        return rows;
    }

    public static ScriptCase Find(string folder, string file, string name) =>
        Read(Path.Combine(AppContext.BaseDirectory, folder, file + ".cases")).Single(c => c.Name == name);

    /// <summary>Runs it as the first process of a busybox container, in /tmp.</summary>
    public async Task CheckAsync()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", Script], workingDirectory: "/tmp");
        var result = await sandbox.RunAsync(Input);
        Describe(result).ShouldBe(Describe(new(Code, Output, Errors)));
    }

    private static string Describe(ScriptResult result) => $"exit {result.Code}\n--- stdout\n{result.Output}\n--- stderr\n{result.Errors}";

    private static IEnumerable<ScriptCase> Read(string file)
    {
        var text = File.ReadAllText(file).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        foreach (var block in text.Split("\n=== ").Skip(text.StartsWith("=== ", StringComparison.Ordinal) ? 0 : 1))
        {
            var parts = new Dictionary<string, string>(StringComparer.Ordinal);
            var lines = block.StartsWith("=== ", StringComparison.Ordinal) ? block[4..].Split('\n') : block.Split('\n');
            var (section, code) = ("script", 0);
            // Blocks are set apart by an empty line.
            foreach (var line in lines.Skip(1).SkipLast(lines[^1].Length == 0 ? 1 : 0))
            {
                if (line.StartsWith("--- ", StringComparison.Ordinal)) section = line[4..];
                else parts[section] = parts.GetValueOrDefault(section, "") + line + "\n";
                if (section.StartsWith("exit ", StringComparison.Ordinal)) code = int.Parse(section[5..], System.Globalization.CultureInfo.InvariantCulture);
            }
            yield return new(lines[0], parts["script"].TrimEnd('\n'), Part("stdin"), Part("stdout"), Part("stderr"), code);

            string Part(string name)
            {
                var part = parts.GetValueOrDefault(name, "");
                return part.EndsWith("␄\n", StringComparison.Ordinal) ? part[..^2] : part;
            }
        }
    }
}
