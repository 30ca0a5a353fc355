"""`python -m benchmarks`, as `make bench` calls it."""

from benchmarks.run import main

if __name__ == "__main__":
    main()
