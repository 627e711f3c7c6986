"""What a producer declares of its own waste: facilities, generation, storage, use and disposal."""
