"""The thinking of the notice room: a draft becomes a letter, and is refused what a platform could throw out.

Free of Django, of the database, of the network and of the clock.
"""
