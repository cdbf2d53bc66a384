"""The window: funnels, durations, robots' figures, the passport. Reads only."""
