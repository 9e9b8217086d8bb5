"""Running a block: two pure layers, one executor, and the record of what happened."""
