"""An entity-centric monitoring and alerting daemon for the news.

poll -> response -> entries -> article | mentions -> matches -> novelty -> decision -> alert | deliveries

model, records, errors     the values, and what can go wrong
text, watchlist            reading: folding, sentences, zones, languages; watchlist files
matching, novelty, alerts  the pure middle: who is in it, what is new, who is told
feeds, channels, store     the edges
judge, pipeline            the path
tally, replay, report      a stream of articles run and counted
daemon, web, cli           what runs it
"""
