using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

internal static class EphemeralContainers
{
    /// <summary>The same fields as an ordinary container's; the API keeps them in a type of their own.</summary>
    public static V1Container ToContainer(V1EphemeralContainer ephemeral) => new()
    {
        Name = ephemeral.Name,
        Image = ephemeral.Image,
        Command = ephemeral.Command,
        Args = ephemeral.Args,
        WorkingDir = ephemeral.WorkingDir,
        Env = ephemeral.Env,
        EnvFrom = ephemeral.EnvFrom,
        VolumeMounts = ephemeral.VolumeMounts,
        ImagePullPolicy = ephemeral.ImagePullPolicy,
        SecurityContext = ephemeral.SecurityContext,
        Stdin = ephemeral.Stdin,
        StdinOnce = ephemeral.StdinOnce,
        Tty = ephemeral.Tty,
        TerminationMessagePath = ephemeral.TerminationMessagePath,
        TerminationMessagePolicy = ephemeral.TerminationMessagePolicy,
    };
}
