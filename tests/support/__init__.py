"""Real servers and a real pipeline for the tests."""
