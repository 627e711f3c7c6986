"""What a producer declares of its own waste: facilities, generation, storage, own use and disposal."""
