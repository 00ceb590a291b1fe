"""The model of the graph, and everything that reads it."""
