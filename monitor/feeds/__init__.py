"""The edge towards feeds: fetching, parsing, scheduling. Everything that arrives here was written by a stranger.

config, opml -> Feed          what to poll                 schedule      when (pure)
poll = fetch (network, address, inflate, pace) -> parse (worker: charset, document, extract, markup) -> article
"""
