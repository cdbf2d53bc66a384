"""The packages that Voronka ships, and what they are made with."""
