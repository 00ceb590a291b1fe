"""Figures and tables of a market-monitoring report, counted from the advertisements of the case.

Every function takes `graph.facts.Facts` (read with the case's time zone, in which days and months are local), further
tables where it needs more than those, and a `Scope`; it returns one typed Arrow table in a complete order.
`graph.figures.catalogue` lists them by name.
"""
