"""The thinking of the qualification room: values in, decisions out.

Free of Django, of the database, of the network and of the clock: `now` is an argument.
The catalogue is read by `vigie.qualification.catalogue`; here it is only a value.
"""
