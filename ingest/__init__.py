"""Captured advertisements in, Arrow tables of the graph out."""
