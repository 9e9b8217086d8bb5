"""From tree to graph: one walk that finds names, types, constants and holes, and reports all it finds.

`walk` holds what the walk shares; each form of the language stands in a file of its own. The
files call one another through `Lowering`, because expressions contain stages contain blocks
contain expressions.
"""
