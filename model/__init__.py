"""The words of Voronka: frozen values that every room speaks. No I/O, no clock."""
