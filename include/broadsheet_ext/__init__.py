"""Functions of an installation's own: what the declarations of a report cannot say. See docs/numbers.md."""
