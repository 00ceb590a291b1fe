"""The app's pages, one script each, over cached reads of the case."""
