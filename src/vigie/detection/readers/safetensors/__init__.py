"""A model as Hugging Face publishes it, read by the library `transformers` where it is installed."""
