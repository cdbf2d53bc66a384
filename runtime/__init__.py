"""The workshop: the one door for writes, rights, history, people, the engine of the robots and the world outside."""
