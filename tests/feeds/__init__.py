"""Tests of the edge towards feeds."""
