namespace ActorCluster.Controllers.Scheduling;

/// <summary>A term that counts for (or, below zero, against) a place.</summary>
internal readonly record struct WeightedTerm(AffinityTerm Term, int Weight);
