"""The demo: its sample articles, its site, its receiver."""
