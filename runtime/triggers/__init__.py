"""Triggers, one file each: the file's name is the trigger's."""
