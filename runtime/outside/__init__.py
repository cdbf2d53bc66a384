"""Doors to the world outside: each foreign thing (passwords, mail, HTTP, PDF, the clock) has one file here."""
