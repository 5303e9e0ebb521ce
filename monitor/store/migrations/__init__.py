"""The schema's history, run by `migrate.py` when a store is opened. Each step says itself what it does."""
