"""Nothing yet. Here will live what finds the best way to fill a program's holes.

Space, objective, study, allocation, Pareto front, report, and writing the result back as source.
"""
