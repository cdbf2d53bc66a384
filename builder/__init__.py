"""The drawing table: field types, presets, drafts, proof-reading, publishing, packages."""
