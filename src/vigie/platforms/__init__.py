"""The knowledge of the outside: what an address leads to, what each platform is called, offers and requires.

Pure: no Django, no network. `vigie.platforms.resolve.resolve` reads an address,
`vigie.platforms.find.find_addresses` finds them in a text, `vigie.platforms.registry.registry` knows the platforms.
"""
