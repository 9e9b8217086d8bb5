"""The tiny models: small transformers that are shipped with the package and run on numpy alone."""
