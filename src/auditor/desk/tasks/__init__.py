"""Kinds of long work, a module a kind: `run(task)`, `title(arguments)`, `told(outcome)`."""
