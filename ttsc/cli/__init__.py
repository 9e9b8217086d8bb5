"""One file per command, and nothing that the Python front door could not do as well."""
