"""Draw the few pictures of Agora, so that no file of unknown origin is shipped with it."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

_SIZE = (1200, 675)


def _text(draw: ImageDraw.ImageDraw, lines: str, *, size: int, fill: str) -> None:
    # Pillow's built-in font has no accented letters: pictures carry capitals without accents.
    font = ImageFont.load_default(size)
    draw.multiline_text(
        (_SIZE[0] / 2, _SIZE[1] / 2), lines, font=font, fill=fill, anchor="mm", align="center", spacing=30
    )


def _garden() -> Image.Image:
    picture = Image.new("RGB", _SIZE, "#c9d3d6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 380, *_SIZE), fill="#6b4f3a")
    draw.ellipse((930, 70, 1050, 190), fill="#f3e7c4")
    for row, y in enumerate((470, 540, 630)):
        for x in range(60 + row * 20, 1180, 90 + row * 15):
            draw.rectangle((x - 6, y - 40, x + 6, y), fill="#f0efe2")
            for lean in (-34, -12, 12, 34):
                draw.line((x, y - 38, x + lean, y - 120), fill="#3f7a4f", width=11)
    return picture


def _concert() -> Image.Image:
    picture = Image.new("RGB", _SIZE, "#f2dfb3")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, _SIZE[0] - 30, _SIZE[1] - 30), outline="#7a3b1d", width=10)
    _text(draw, "CONCERT\nAU KIOSQUE\nDIMANCHE 15 H", size=104, fill="#5c2a14")
    return picture


def _slogan() -> Image.Image:
    picture = Image.new("RGB", _SIZE, "#8c1d1d")
    _text(
        ImageDraw.Draw(picture),
        "VALDORIENS DEHORS\nSINON ON VOUS SORT\nA COUPS DE BATON",
        size=92,
        fill="#ffffff",
    )
    return picture


def _video_still() -> Image.Image:
    picture = Image.new("RGB", _SIZE, "#23302b")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((500, 238, 700, 438), outline="#f7f3ea", width=12)
    draw.polygon(((565, 283), (565, 393), (655, 338)), fill="#f7f3ea")
    draw.rectangle((60, 600, 1140, 612), fill="#61706a")
    draw.rectangle((60, 600, 90, 612), fill="#f7f3ea")
    return picture


_DRAWINGS = {"potager": _garden, "concert": _concert, "mot-d-ordre": _slogan, "video": _video_still}


@lru_cache
def png(name: str) -> bytes | None:
    """Return the picture called `name` as PNG, or None when there is none."""
    drawing = _DRAWINGS.get(name)
    if drawing is None:
        return None
    file = BytesIO()
    drawing().save(file, "PNG", optimize=True)
    return file.getvalue()
