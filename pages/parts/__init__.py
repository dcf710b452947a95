"""What single pages show: a module has the name of its page."""
