"""The world outside, played on loopback: what the demo and the tests talk to in place of feeds and receivers."""
