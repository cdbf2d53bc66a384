"""Parts of the import: work beside the pages, what a person chose, what is drawn."""
