"""The commands of `redress`, one module each."""
