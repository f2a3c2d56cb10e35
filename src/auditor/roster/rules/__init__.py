"""The rules of a roster, one a file: each with its name, its part of the model, and the same in words."""
