"""`python -m fazhi` is `fazhi`."""

from fazhi.main import main

if __name__ == "__main__":
    main()
