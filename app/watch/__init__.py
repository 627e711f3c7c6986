"""The watch: what does not add up becomes a flag with evidence, an owner and an outcome."""
