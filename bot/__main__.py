"""``python -m bot`` is the `shebao` command."""

from bot.cli import main

main(prog_name="shebao")
