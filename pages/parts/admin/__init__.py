"""Parts of people, settings and profile."""
