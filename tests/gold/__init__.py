"""The annotated set of invented reports, the scorer over it and the quality gate. docs/samples.md describes it."""
