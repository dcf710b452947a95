"""What a home keeps and how it goes back: snapshots, raw copies, history, undo, verify, forget."""
