"""Text in, hints out: a hint never decides.

Pure: no Django, no network (but `readers.endpoint`, off by default); the room can be used alone as a library.
`vigie.detection.detectors.default_detector()` gives the detector an installation has chosen.
"""
