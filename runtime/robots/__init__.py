"""Robots and logic, one file each: the file's name is the robot's."""
