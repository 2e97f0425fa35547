"""Names of files as people gave them, made safe to store, to show, and to hand to another person's computer."""

import re
import unicodedata

LONGEST = 255
UNNAMED = "file"

# Turn the direction of what follows: "photo<U+202E>gnp.exe" is drawn as "photoexe.png".
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Control characters, halves of characters, and separators of lines and paragraphs.
_DROPPED = {"Cc", "Cs", "Zl", "Zp"}


def clean_name(name: str, *, endings: tuple[str, ...] = ()) -> str:
    """Return the last part of the path `name` as one line of at most 255 characters; its ending stays.

    With `endings` it gets the first of them unless it has one: a picture that is called page.html would be run by
    whoever saved it and opened it from their disk.
    """
    name = re.split(r"[/\\]", name)[-1].translate(_TURNING)
    name = "".join(one for one in name if unicodedata.category(one) not in _DROPPED)
    name = " ".join(name.split()).strip(". ") or UNNAMED
    if endings and not name.lower().endswith(endings):
        name += endings[0]
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"
