"""The Starlette application: one sub-package for each audience."""
