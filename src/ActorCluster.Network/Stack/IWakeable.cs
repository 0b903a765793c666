namespace ActorCluster.Network.Stack;

/// <summary>Someone who waits. <see cref="Wake"/> runs on the simulation's pipe scheduler, never under the namespace's lock.</summary>
internal interface IWakeable
{
    void Wake();
}
