"""The TypeScript kernel Phasebook, and what Jupyter's Python programs need to know of it."""
