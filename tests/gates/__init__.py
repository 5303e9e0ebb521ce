"""Gates: what the whole repository must keep to."""
