"""The ways out. To add one: a file with its options, a pure `payload` and `send`, and a line in `registry`."""
