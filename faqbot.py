"""``python -m faqbot``: the command, where its script isn't on the path."""

from adapters.cli.main import main

if __name__ == "__main__":
    main()
