"""What stands around every page: who reads, what they may see, the navigation and the notices."""
