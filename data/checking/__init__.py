"""From text to typed rows: what each cell is, what a row must hold, and where every row ends."""
