"""Plans of work that may wait and of batteries: sampled from the twin, solved as linear programs, replayed in it."""
