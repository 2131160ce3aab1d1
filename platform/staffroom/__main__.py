"""`python -m staffroom`."""

from staffroom.command import main

if __name__ == "__main__":
    main()
