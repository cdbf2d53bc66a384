"""Parts of the gallery of processes: its cards, and the wizard that makes a new one."""
