"""The HTTP side: metrics and health on one loopback port."""
