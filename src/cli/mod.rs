//! Arguments and the headless subcommands, over the same worker as the screen.
