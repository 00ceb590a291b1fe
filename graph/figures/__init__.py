"""Figures and tables of a market-monitoring report, counted from the advertisements of the case.

'The report' is the monitoring report of March 2019 on 2017 and 2018; each function says which figure it answers.
Every function takes `graph.facts.Facts` (read with the case's time zone, in which days and months are local), further
tables where it needs more than those, and a `Scope`; it returns one typed Arrow table in a complete order.
`graph.figures.catalogue` lists them by name.
"""
