"""What Jupyter's Python programs need to know of Phasebook, the TypeScript kernel."""
