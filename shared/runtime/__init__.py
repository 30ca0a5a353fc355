"""The runtime of a stage: an entry is read, worked on, handed over, and never lost. README.md beside it is the map."""
