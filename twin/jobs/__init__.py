"""Traces of jobs and requests: readers of the forms that people have, and the scheduler that replays them."""
