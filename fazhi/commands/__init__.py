"""The sub-commands, one file a subject. Each is imported when it is called, and imports a service only then."""
