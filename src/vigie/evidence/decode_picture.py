"""Turn bytes that claim to be a picture into a small clean JPEG. Runs as a program of its own, and only so.

Decoders of pictures have had holes; whoever reports chooses the bytes. So they are decoded in a process that
knows nothing, may use 1 GB and 20 s, and can give back nothing but a JPEG drawn anew: no metadata, no second
picture, no trailing bytes survive. Standard library and Pillow only: it is started with `python -I`.

    decode_picture.py veiled|clear MAX_WIDTH MAX_HEIGHT  < original  > picture.jpg
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageFilter, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS = 60_000_000  # a full-page capture has 20 million; a bomb has billions
MEMORY_BYTES = 1_000_000_000
PROCESSOR_SECONDS = 20


def decode(data: bytes, *, is_veiled: bool, width: int, height: int) -> bytes:
    """Return the first picture of `data` as a JPEG of at most that size; veiled means grey and blurred."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(data), formats=FORMATS) as original:
        original.draft("RGB", (width, height))  # JPEG only: decode no more than needed
        upright = ImageOps.exif_transpose(original).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    flat.thumbnail((width, height))
    if is_veiled:
        flat = ImageOps.grayscale(flat).filter(ImageFilter.GaussianBlur(max(8, flat.width // 40)))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def main(arguments: list[str]) -> None:
    mode, width, height = arguments
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    picture = decode(sys.stdin.buffer.read(), is_veiled=mode == "veiled", width=int(width), height=int(height))
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main(sys.argv[1:])
