"""Sellers of illegal wildlife, as a knowledge graph: the application."""

__version__ = "0.1.0"
