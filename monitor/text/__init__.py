"""Text: folding, words, sentences, zones, dates and what is known about languages."""
