"""Checkpoints in the Hugging Face format that run in this process, on torch and transformers (`ttsc[local]`)."""
